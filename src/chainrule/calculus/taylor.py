"""Taylor's expansion to second order: the parabola, or bowl, that touches f at a point."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .build import add, multiply, name, negative, number, raised, subtract
from .evaluate import DomainError, Evaluation
from .second_derivatives import HessianMatrix, hessian
from .tree import Formula, Node

DISTANCES = (1.0, 0.1, 0.01)
"""How far from the point the expansion is compared with f: the error of an expansion to second
order falls a thousandfold with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaylorError:
    """f and its expansion some way from the point.

    Attributes:
        distance: Along (1, 1, …)/√n, so that all variables move.
        value: f there; None where it has no value.
        expansion: The expansion there.
    """

    distance: float
    value: float | None
    expansion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaylorExpansion:
    """f(a) + ∇f(a)·(x − a) + ½ (x − a)ᵀ ∇²f(a) (x − a).

    Attributes:
        hessian: The derivatives, with their derivations.
        point: a.
        value: f(a).
        gradient: ∇f(a); None for entries that a kink leaves without a number.
        second: ∇²f(a), row by row, likewise.
        expansion: As a formula in the variables; None where a derivative is missing.
        errors: How far it is from f near a and farther away; none without an expansion.
        notices: A sentence for each kink or jump exactly at a.

    Source: Stewart, Calculus, section 14.4; Nocedal & Wright, Numerical Optimization, eq. 2.6.
    """

    hessian: HessianMatrix
    point: tuple[float, ...]
    value: float
    gradient: tuple[float | None, ...]
    second: tuple[tuple[float | None, ...], ...]
    expansion: Node | None
    errors: tuple[TaylorError, ...]
    notices: tuple[str, ...] = ()


def taylor(
    formula: Formula, point: Mapping[str, float], variables: Sequence[str] | None = None
) -> TaylorExpansion:
    """Expand a formula of numbers around a point, to second order.

    Args:
        formula: f.
        point: a, a number for each name of the formula.
        variables: In which to expand; the others are held at the point. All if not given.

    Raises:
        FormulaError: If a name has no value, or f or a derivative of it has none at the point.
    """
    found = hessian(formula, variables)
    names = found.gradient.variables
    evaluation = Evaluation(point, formula.text)
    at = tuple(float(point[each]) for each in names)
    value = evaluation(formula.root)
    first, second = found.gradient.at(evaluation), found.at(evaluation)
    known = [each for each in first if each is not None]
    bends = [[each for each in row if each is not None] for row in second]
    whole = len(known) == len(names) and all(len(row) == len(names) for row in bends)
    expansion = _expansion(names, at, value, known, bends) if whole else None
    compared = () if expansion is None else DISTANCES
    return TaylorExpansion(
        hessian=found,
        point=at,
        value=value,
        gradient=first,
        second=second,
        expansion=expansion,
        errors=tuple(
            _compared(formula, expansion, point, names, distance)
            for distance in compared
            if expansion is not None
        ),
        notices=found.notices(evaluation),
    )


def _expansion(
    names: Sequence[str],
    at: Sequence[float],
    value: float,
    first: Sequence[float],
    second: Sequence[Sequence[float]],
) -> Node:
    steps = [_step(each, a) for each, a in zip(names, at, strict=True)]
    # not tidied: that would work (y − 4) + 9 out to y + 5, and the point would be gone
    terms: list[Node] = [number(value)] if value else []
    terms += [_signed(slope, step) for step, slope in zip(steps, first, strict=True) if slope]
    for i, row in enumerate(second):
        for j in range(i, len(row)):
            # the entries (i, j) and (j, i) make one term, each half of it
            bend = row[i] / 2 if i == j else (row[j] + second[j][i]) / 2
            parts = [raised(steps[i], number(2))] if i == j else [steps[i], steps[j]]
            if bend:
                terms.append(_signed(bend, *parts))
    return add(*terms)


def _step(variable: str, at: float) -> Node:
    """X − a, x + 2 for a = −2, x for a = 0."""
    if at == 0:
        return name(variable)
    if at < 0:
        return add(name(variable), number(-at))
    return subtract(name(variable), number(at))


def _signed(factor: float, *parts: Node) -> Node:
    term = multiply(*([] if abs(factor) == 1 else [number(abs(factor))]), *parts)
    return negative(term) if factor < 0 else term


def _compared(
    formula: Formula,
    expansion: Node,
    point: Mapping[str, float],
    names: Sequence[str],
    distance: float,
) -> TaylorError:
    step = distance / math.sqrt(len(names))
    moved = {**point, **{each: point[each] + step for each in names}}
    try:
        value: float | None = Evaluation(moved, formula.text)(formula.root)
    except DomainError:
        value = None
    return TaylorError(distance=distance, value=value, expansion=Evaluation(moved)(expansion))
