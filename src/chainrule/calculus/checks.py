"""A derivative checked at a point: its forms against one another and a difference quotient."""

import math

from .build import substitute
from .derivation import Derivation
from .errors import FormulaError
from .evaluate import DomainError, Evaluation
from .narration import Check
from .tree import Node, written_size

DIFFERENCE_STEP = 6e-6
"""The cube root of the rounding error of float64: where a central difference errs least."""

DIFFERENCE_TOLERANCE = 1e-5
"""Of a central difference, relative: its own error is some 1e-10, larger near poles and kinks."""

FORMS_TOLERANCE = 1e-9
"""Of two forms of one derivative, relative: what sums of some dozen terms lose to cancellation."""

MOST_WRITTEN = 20_000
"""Parts of a formula, with all names written out, that is computed twice for a difference."""


def completed(derivation: Derivation, evaluation: Evaluation) -> Evaluation:
    """The evaluation with values for names that stand for formulas, if the point has none."""
    missing = {
        each: formula for each, formula in derivation.definitions if each not in evaluation.point
    }
    if not missing:
        return evaluation
    point = dict(evaluation.point)
    for _ in range(len(missing)):  # each round finds those whose own names are known
        for each, formula in [*missing.items()]:
            if all(inner in point for inner in formula.names):
                point[each] = Evaluation(point, formula.text)(formula.root)
                del missing[each]
    return Evaluation(point, derivation.formula.text)


def checks_at(derivation: Derivation, numbers: Evaluation) -> tuple[Check, ...]:
    """What can be compared at a point; nothing where the derivative has no value there."""
    try:
        raw = numbers(derivation.raw)
    except DomainError:
        return ()
    found = []
    forms = [("the tidy form", derivation.tidy), ("the factored form", derivation.factored)]
    if derivation.putting_back:
        forms.append(("the form that is written out", derivation.written_out))
    for name, node in forms:
        if node is derivation.raw:
            continue
        try:
            other = numbers(node)
        except DomainError:
            continue
        found.append(_check(name, raw, other, FORMS_TOLERANCE, numbers, derivation))
    difference = _difference(derivation, numbers)
    if difference is not None:
        found.append(
            _check(
                "the difference quotient",
                raw,
                difference,
                DIFFERENCE_TOLERANCE,
                numbers,
                derivation,
            )
        )
    return tuple(found)


def _check(
    name: str,
    left: float,
    right: float,
    tolerance: float,
    numbers: Evaluation,
    derivation: Derivation,
) -> Check:
    scale = max(1.0, abs(left), abs(right))
    finite = math.isfinite(left) and math.isfinite(right)
    agrees = finite and abs(left - right) <= tolerance * scale
    return Check(name=name, left=left, right=right, agrees=agrees)


def _difference(derivation: Derivation, numbers: Evaluation) -> float | None:
    """(f(x + h) − f(x − h)) / 2h; None where one of them has no value."""
    root = _written_out(derivation)
    if root is None:
        return None
    variable = derivation.variable
    x = numbers.point.get(variable)
    if x is None:
        return None
    step = DIFFERENCE_STEP * max(1.0, abs(x))
    above, below = x + step, x - step
    try:
        rise = Evaluation({**numbers.point, variable: above})(root) - Evaluation(
            {**numbers.point, variable: below}
        )(root)
    except FormulaError:
        return None
    quotient = rise / (above - below)
    return quotient if math.isfinite(quotient) else None


def _written_out(derivation: Derivation) -> Node | None:
    """The formula of its variables alone; None if it would be endless."""
    known: dict[str, Node] = {}
    for _ in derivation.definitions:
        known = {each: substitute(formula.root, known) for each, formula in derivation.definitions}
        if sum(written_size(node) for node in known.values()) > MOST_WRITTEN:
            return None
    root = substitute(derivation.formula.root, known)
    return root if written_size(root) <= MOST_WRITTEN else None
