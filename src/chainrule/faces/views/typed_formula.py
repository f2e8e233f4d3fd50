"""A formula that somebody typed into a page: read, with its point, or refused at its column."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chainrule.calculus.definitions import Problem, numbered, read_problem
from chainrule.calculus.errors import FormulaError
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.points import parse_point

from .question import Parameters, Refusal

MOST_PARTS = 300
"""Parts of a formula and its definitions together: the usual test functions have 20 to 60. All that
is asked of a formula differentiates it; at this size that takes a second at most."""

MOST_WORK = 10_000
"""Parts times names: so many derivatives of parts are taken, some 0.1 ms each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFormula:
    """A formula as it was read.

    Attributes:
        problem: The formula with its definitions; the ids of their parts are unique together, those
            of the formula first.
        point: Numbers for some of its names.
    """

    problem: Problem
    point: dict[str, float]


def typed_formula(parameters: Parameters) -> TypedFormula:
    """The formula that is asked about: `formula`, `definitions` (texts by name) and `at`.

    `at` is numbers by name, or a text such as `x=3,y=-1` as it stands in a link.

    Raises:
        Refusal: If it cannot be read, with the column counted from 0; if it is an equation, or too
            large; if the point has names that the formula has not.
    """
    typed = parameters.text("formula")
    text = "; ".join((typed, *_definitions(parameters)))
    point = _point(parameters)
    with formula_refusals(text):
        problem = read_problem(text, variables=tuple(point))
    if problem.equation is not None:
        raise Refusal(
            "Expected a formula, found an equation: type what stands on one side of it, or the "
            "difference of both sides.",
            field="formula",
            text=text,
        )
    parts = sum(len(each.nodes()) for each in (problem.formula, *problem.defined.values()))
    if parts > MOST_PARTS or parts * len(problem.names) > MOST_WORK:
        limit = min(MOST_PARTS, MOST_WORK // max(1, len(problem.names)))
        raise Refusal(
            f"Expected a formula of at most {limit:,} operations, names and numbers, found "
            f"{parts:,}: take the part of it that matters.",
            field="formula",
            text=text,
        )
    strange = [name for name in point if name not in problem.names]
    if strange:
        raise Refusal(
            f"Expected numbers for {_listed(problem.names)}, found one for {strange[0]!r}, which "
            "the formula does not hold.",
            field="at",
        )
    return TypedFormula(problem=_numbered_through(problem), point=point)


@contextmanager
def formula_refusals(text: str) -> Iterator[None]:
    """Refuse what is wrong with a formula, at its column.

    Raises:
        Refusal: Instead of a `FormulaError`.
    """
    try:
        yield
    except FormulaError as error:
        column = None if error.column is None else error.column - 1
        raise Refusal(error.reason, field="formula", column=column, text=text) from error


def _numbered_through(problem: Problem) -> Problem:
    """The problem with ids that go on from the formula to its definitions."""
    following = len(problem.formula.nodes())
    definitions = []
    for name, each in problem.definitions:
        definitions.append((name, replace(each, root=numbered(each.root, following))))
        following += len(each.nodes())
    return replace(problem, definitions=tuple(definitions))


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


def _point(parameters: Parameters) -> dict[str, float]:
    if not isinstance(parameters.any("at"), str):
        return parameters.numbers("at")
    text = parameters.text("at")
    if not text.strip():
        return {}
    try:
        found = parse_point(text, "The point")
    except CommandFailed as error:
        raise Refusal(str(error), field="at", text=text) from error
    if any(isinstance(value, list) for value in found.values()):
        raise Refusal("Expected a point of numbers, found a vector.", field="at", text=text)
    return {name: value for name, value in found.items() if not isinstance(value, list)}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "no name"
