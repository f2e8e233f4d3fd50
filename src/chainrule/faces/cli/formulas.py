"""The formulas that a command line gives."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .failure import CommandFailed, failed
from .points import Number, parse_point

if TYPE_CHECKING:
    from chainrule.calculus import Evaluation
    from chainrule.objective import Objective
    from chainrule.records.message import Translate


def objective_of(formula: str, point: Mapping[str, Number]) -> "Objective":
    """L from a formula, at a point.

    Raises:
        CommandFailed: If the text is no formula, or the point does not fit it.
    """
    from chainrule.objective import Objective, ObjectiveError

    with formula_errors():
        try:
            return Objective.from_formula(formula, point)
        except ObjectiveError as error:
            raise CommandFailed(str(error)) from error


@contextmanager
def formula_errors(say: "Translate" = str) -> Iterator[None]:
    """Make one sentence of what is wrong with a formula.

    Args:
        say: Translates it.

    Raises:
        CommandFailed: Instead of a `FormulaError`.
    """
    from chainrule.calculus.errors import FormulaError
    from chainrule.records.message import Message

    try:
        yield
    except FormulaError as error:
        where = ""
        if error.column is not None:
            where = f" ({say(Message('column {column} of the formula', column=error.column))})"
        raise CommandFailed(f"{_ended(say(error.reason).rstrip('.') + where)}") from error


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def names_of(text: str | None) -> tuple[str, ...] | None:
    """The names in `--wrt x,y`; None if the option was not given.

    Raises:
        CommandFailed: If there is none, or one stands twice.
    """
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or len({*names}) < len(names):
        raise CommandFailed(f"--wrt {text!r} names no variables: write each once, such as x,y.")
    return names


def numbers_at(text: str, option: str) -> dict[str, float]:
    """A point of numbers, such as `x=3,y=-1`.

    Raises:
        CommandFailed: If it cannot be read, or holds a vector.
    """
    point: dict[str, float] = {}
    for name, value in parse_point(text, option).items():
        if isinstance(value, list):
            raise failed(
                "Expected numbers in {option}, found a vector for {name}: this is asked of "
                "formulas of numbers; give its entries names of their own, such as w1 and w2.",
                option=option,
                name=name,
            )
        point[name] = value
    return point


def evaluation_at(text: str | None, names: Sequence[str], formula: str) -> "Evaluation | None":
    """Where `--at` asks for numbers; None if it was not given.

    Raises:
        CommandFailed: If a name has no value, or a value belongs to no name.
    """
    from chainrule.calculus import Evaluation

    if text is None:
        return None
    point = numbers_at(text, "--at")
    check_point(point, names)
    return Evaluation(point, formula)


def check_point(
    point: Mapping[str, object],
    names: Sequence[str],
    *,
    what: str = "number",
    defined: Mapping[str, str] | None = None,
) -> None:
    """Refuse a point that does not fit the names of a formula.

    Args:
        point: Names with their values.
        names: Those that need one.
        what: What is expected of each.
        defined: Names that have a definition, and what it is.

    Raises:
        CommandFailed: If a name has no value, or a value belongs to no name; it names all of them.
    """
    missing = [name for name in names if name not in point]
    strange = [name for name in point if name not in names]
    wrong = [f"{_listed(missing)} {_is(missing)} missing"] if missing else []
    for name in [name for name in strange if name in (defined or {})]:
        wrong.append(f"{name} has its value from the definition {name} = {(defined or {})[name]}")
        strange.remove(name)
    if strange:
        wrong.append(f"{_listed(strange)} {_is(strange)} not in the formula")
    if wrong:
        whose = f" for each of {', '.join(names)}" if names else ""
        asked = f"a {what} in --at{whose}" if names else "no --at, since the formula has no names"
        raise CommandFailed(f"Expected {asked}, but {', and '.join(wrong)}.")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
