"""A derivative checked at a point: its forms against one another and a difference quotient."""

import math

from chainrule.records.message import Message

from .both_sides import through
from .definitions import evaluation_order
from .derivation import Derivation
from .errors import FormulaError
from .evaluate import DomainError, Evaluation
from .narration import Check

DIFFERENCE_STEP = 6e-6
"""The cube root of the rounding error of float64: where a central difference errs least."""

DIFFERENCE_TOLERANCE = 1e-5
"""Of a central difference, relative: its own error is some 1e-10, larger near poles and kinks."""

FORMS_TOLERANCE = 1e-9
"""Of two forms of one derivative, relative: what sums of some dozen terms lose to cancellation."""


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
        near = through(derivation, numbers)
        raw = near(derivation.raw)
    except DomainError:
        return ()
    found = []
    forms = [
        (Message("the tidy form"), derivation.tidy),
        (Message("the factored form"), derivation.factored),
    ]
    if derivation.putting_back:
        forms.append((Message("the form that is written out"), derivation.written_out))
    for name, node in forms:
        if node is derivation.raw:
            continue
        try:
            other = near(node)
        except DomainError:
            continue
        found.append(_check(name, raw, other, FORMS_TOLERANCE, numbers, derivation))
    difference = _difference(derivation, numbers)
    if difference is not None:
        found.append(
            _check(
                Message("the difference quotient"),
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
    variable = derivation.variable
    x = numbers.point.get(variable)
    if x is None:
        return None
    step = DIFFERENCE_STEP * max(1.0, abs(x))
    above, below = x + step, x - step
    try:
        rise = _moved(derivation, numbers, above) - _moved(derivation, numbers, below)
    except FormulaError:
        return None
    quotient = rise / (above - below)
    return quotient if math.isfinite(quotient) else None


def _moved(derivation: Derivation, numbers: Evaluation, value: float) -> float:
    """The formula at another value of the variable; names that stand for formulas follow it."""
    known = dict(derivation.definitions)
    point = {each: number for each, number in numbers.point.items() if each not in known}
    point[derivation.variable] = value
    for each in evaluation_order(known):
        point[each] = Evaluation(point)(known[each].root)
    return Evaluation(point)(derivation.formula.root)
