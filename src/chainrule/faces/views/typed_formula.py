"""A formula that somebody typed into a page: read, with its point, or refused at its column."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.matrix import needs_matrices
from chainrule.calculus.problem import Problem
from chainrule.calculus.read_problem import read_problem
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.points import Number, parse_point
from chainrule.records.message import Message

from .question import Parameters, Refusal

START = "start"
"""What `at` is where the point is to be chosen for who asks."""

MOST_PARTS = 500
"""Parts of a formula and its definitions together: the usual test functions have 20 to 60, networks
of 200 operations some 350. To tell its derivative takes a second at most."""

MOST_WORK = 10_000
"""Parts times names, where all slopes and their slopes are asked for: so many derivatives of parts
are taken, some 0.1 ms each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedProblem:
    """What was typed: a formula of numbers, one of vectors and matrices, or an equation.

    Attributes:
        problem: The formula with its definitions.
        point: Numbers, vectors and matrices for some of its names.
    """

    problem: Problem
    point: dict[str, Number]

    @property
    def has_matrices(self) -> bool:
        """Whether it is a formula of vectors and matrices."""
        formulas = (self.problem.formula, *self.problem.defined.values())
        listed = any(isinstance(value, list) for value in self.point.values())
        return listed or any(needs_matrices(formula) for formula in formulas)

    def numbers(self) -> dict[str, float]:
        """The point, where it has to be one of numbers.

        Raises:
            Refusal: If it has a vector or a matrix.
        """
        found = {n: value for n, value in self.point.items() if not isinstance(value, list)}
        for name in self.point:
            if name not in found:
                raise Refusal(
                    Message("Expected a point of numbers, found a vector for {name}.", name=name),
                    field="at",
                )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFormula:
    """A formula of numbers as it was read.

    Attributes:
        problem: As in `TypedProblem`.
        point: Numbers for some of its names.
        instead: The question that can be asked of it where this one cannot: a formula of vectors
            and matrices may be one of numbers as well, as `norm(x)` is.
    """

    problem: Problem
    point: dict[str, float]
    instead: str | None = None


def typed_problem(parameters: Parameters, variables: Sequence[str] = ()) -> TypedProblem:
    """What is asked about: `formula`, `definitions` (texts by name) and `at`.

    `at` is values by name, or a text such as `x=3,y=-1` or `w=[1,2]` as it stands in a link.

    Args:
        parameters: Of the question.
        variables: Names that are variables even where they are those of constants.

    Raises:
        Refusal: If it cannot be read, with the column counted from 0; if it is too large; if the
            point has names that the formula has not.
    """
    typed = parameters.text("formula")
    text = "; ".join((typed, *_definitions(parameters)))
    point = _point(parameters)
    with formula_refusals(text):
        problem = read_problem(text, variables=(*point, *variables))
    parts = _parts(problem)
    if parts > MOST_PARTS:
        raise Refusal(
            Message(
                "Expected a formula of at most {limit:,} operations, names and numbers, found "
                "{parts:,}, which the page would be slow to show: take the part of it that "
                "matters, or ask chainrule explain in a terminal.",
                limit=MOST_PARTS,
                parts=parts,
            ),
            field="formula",
            text=text,
        )
    check_known(point, problem.names, field="at")
    return TypedProblem(problem=problem, point=point)


def typed_formula(parameters: Parameters) -> TypedFormula:
    """The formula of numbers that is asked about, as in `typed_problem`.

    Raises:
        Refusal: As there; and if it is an equation, its point has a vector, or it has many names.
    """
    typed = typed_problem(parameters)
    problem = typed.problem
    if problem.equation is not None:
        raise Refusal(
            Message(
                "Expected a formula, found an equation: type what stands on one side of it, or the "
                "difference of both sides."
            ),
            field="formula",
            text=problem.text,
            instead="derivation",
        )
    parts, names = _parts(problem), len(problem.names)
    if parts * names > MOST_WORK:
        raise Refusal(
            Message(
                "The slopes along all {names} names of a formula with {parts:,} operations, names "
                "and numbers are too many for the page: with so many names it takes {limit:,} of "
                "them. Its derivative by one name can be told.",
                names=names,
                parts=parts,
                limit=MOST_WORK // names,
            ),
            field="formula",
            text=problem.text,
            instead="derivation",
        )
    instead = "derivation" if typed.has_matrices else None
    return TypedFormula(problem=problem, point=typed.numbers(), instead=instead)


def _parts(problem: Problem) -> int:
    return sum(len(each.nodes()) for each in (problem.formula, *problem.defined.values()))


@contextmanager
def formula_refusals(text: str, instead: str | None = None) -> Iterator[None]:
    """Refuse what is wrong with a formula, at its column.

    Args:
        text: The formula.
        instead: The question that can be asked of it where this one is refused.

    Raises:
        Refusal: Instead of a `FormulaError`.
    """
    try:
        yield
    except FormulaError as error:
        column = None if error.column is None else error.column - 1
        raise Refusal(
            error.reason, field="formula", column=column, text=text, instead=instead
        ) from error


def variable_of(parameters: Parameters, names: Sequence[str], text: str) -> str:
    """By what is asked: `wrt`; the first name if nothing is said.

    Raises:
        Refusal: If it is none of the names, or there are none.
    """
    if not names:
        raise Refusal(
            Message("Expected a formula with a variable to differentiate by, found only numbers."),
            field="formula",
            text=text,
        )
    wrt = parameters.text("wrt", names[0])
    if wrt not in names:
        raise Refusal(
            Message(
                "Expected one of the variables {names} to differentiate by, found {found!r}.",
                names=", ".join(names),
                found=wrt,
            ),
            field="wrt",
        )
    return wrt


def check_complete(point: Mapping[str, object], names: Sequence[str]) -> None:
    """Refuse a point that leaves names out."""
    missing = [name for name in names if name not in point]
    if missing:
        raise Refusal(
            Message(
                "Expected a value for each of {names}, found none for {missing}.",
                names=", ".join(names),
                missing=", ".join(missing),
            ),
            field="at",
        )


def check_known(given: Iterable[str], names: Sequence[str], *, field: str) -> None:
    """Refuse names that the formula has not.

    Args:
        given: Names of a point, or of shapes.
        names: Those of the formula.
        field: The parameter that has them.
    """
    for name in given:
        if name not in names:
            raise Refusal(
                Message(
                    "Expected values for {names}, found one for {found!r}, which the formula does "
                    "not hold.",
                    names=_listed(names),
                    found=name,
                ),
                field=field,
            )


def _definitions(parameters: Parameters) -> list[str]:
    given = parameters.any("definitions")
    if given is None:
        return []
    if not isinstance(given, dict):
        raise Refusal(
            'Expected definitions as texts by name, such as {"u": "x^2"}.', field="definitions"
        )
    inside = Parameters(given)
    return [f"{name} = {inside.text(name)}" for name in given]


def _point(parameters: Parameters) -> dict[str, Number]:
    given = parameters.any("at")
    if isinstance(given, dict) and any(isinstance(value, list) for value in given.values()):
        # the same checks as of what is typed: rows alike, numbers finite
        given = ",".join(f"{name}={json.dumps(value)}" for name, value in given.items())
        parameters = Parameters({"at": given})
    if not isinstance(given, str):
        return {**parameters.numbers("at")}
    text = parameters.text("at")
    if not text.strip() or text == START:
        return {}
    try:
        return parse_point(text, Message("The point"))
    except CommandFailed as error:
        raise Refusal(error.reason, field="at", text=text) from error


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or Message("no name")
