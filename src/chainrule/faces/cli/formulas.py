"""The formulas that a command line gives."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .failure import CommandFailed
from .points import Number, parse_point

if TYPE_CHECKING:
    from chainrule.calculus import Evaluation
    from chainrule.objective import Objective


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
def formula_errors() -> Iterator[None]:
    """Make one sentence of what is wrong with a formula.

    Raises:
        CommandFailed: Instead of a `FormulaError`.
    """
    from chainrule.calculus.errors import FormulaError

    try:
        yield
    except FormulaError as error:
        where = "" if error.column is None else f" (column {error.column} of the formula)"
        raise CommandFailed(f"{error.reason.rstrip('.')}{where}.") from error


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
            raise CommandFailed(
                f"Expected numbers in {option}, found a vector for {name}: this is asked of "
                "formulas of numbers; give its entries names of their own, such as w1 and w2."
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
    missing = [name for name in names if name not in point]
    strange = [name for name in point if name not in names]
    if missing or strange:
        wrong = f"{missing[0]} is missing" if missing else f"{strange[0]} is not in the formula"
        raise CommandFailed(
            f"Expected a number in --at for each of {', '.join(names)}, but {wrong}."
        )
    return Evaluation(point, formula)
