"""A derivation beside everything else that knows a derivative, and step by step beside itself."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import sympy
from scalar_formulas import derivative

from chainrule.calculus import (
    Derivation,
    DomainError,
    Evaluation,
    Formula,
    Node,
    derive,
    to_sympy,
)
from chainrule.calculus.build import substitute
from chainrule.calculus.derivation import HOLE, Rewrite, Step
from chainrule.calculus.tidy import REWRITES
from chainrule.calculus.writing import write
from chainrule.objective import Objective

CLOSE = 1e-7
"""Relative difference up to which two float64 values of one formula are the same number."""


@dataclass
class Disagreement:
    """Two numbers that should be one."""

    what: str
    found: float
    expected: float

    def __str__(self) -> str:
        return f"{self.what}: {self.found!r}, expected {self.expected!r}"


@dataclass
class Checked:
    """What was compared, counted."""

    formulas: int = 0
    steps: int = 0
    routes: int = 0
    routes_outside: int = 0
    rewrites: int = 0
    by_sympy: int = 0
    unknown_to_sympy: int = 0
    by_difference: int = 0
    by_torch: int = 0
    disagreements: list[str] = field(default_factory=list)


def close(found: float, expected: float, scale: float = 1.0) -> bool:
    """Whether two values are the same number, given the size of what they were added up from."""
    if math.isinf(found) or math.isinf(expected):
        return found == expected
    return abs(found - expected) <= CLOSE * max(abs(expected), abs(found), 1e-2 * scale, 1e-2)


def all_steps(step: Step) -> Iterator[Step]:
    """A step and those below it, without other routes; each object once."""
    seen: set[int] = set()
    left = [step]
    while left:
        step = left.pop()
        if id(step) not in seen:
            seen.add(id(step))
            yield step
            left += step.steps


def filled(step: Step) -> Node:
    """What the rule made, with the results of the steps in its holes."""
    parts = {f"{HOLE}{i}": below.result for i, below in enumerate(step.steps)}
    return substitute(step.after, parts)


def check_consistency(derivation: Derivation, at: Evaluation, checked: Checked) -> None:
    """Each step, each other route and each rewriting is what it claims to be, at one point."""
    raw = at(derivation.raw)
    for step in all_steps(derivation.root):
        check_step(step, at, checked)
        for route in step.alternatives:
            try:
                value = at(route.result)
            except DomainError:
                checked.routes_outside += 1  # the logarithm of a negative factor
                continue
            checked.routes += 1
            expect(f"route {route.rule} on {write(step.operand)}", value, at(step.result), checked)
            for below in all_steps(route):
                check_step(below, at, checked)
    for rewrite in (*derivation.tidying, *derivation.factoring):
        check_rewrite(rewrite, at, checked)
    # what the rules leave has a value here, so what is tidied must have one
    for form, node in ("tidy", derivation.tidy), ("factored", derivation.factored):
        try:
            value = at(node)
        except DomainError as error:
            checked.disagreements.append(f"{form} has no value: {error}")
            continue
        expect(form, value, raw, checked)


def check_step(step: Step, at: Evaluation, checked: Checked) -> None:
    """What the rule makes, with its holes filled, is the result."""
    checked.steps += 1
    expect(f"{step.rule} on {write(step.operand)}", at(filled(step)), at(step.result), checked)


def check_rewrite(rewrite: Rewrite, at: Evaluation, checked: Checked) -> None:
    """Before and after have the same value."""
    assert rewrite.rule in REWRITES
    checked.rewrites += 1
    expect(
        f"{rewrite.rule}: {write(rewrite.before)} → {write(rewrite.after)}",
        at(rewrite.after),
        at(rewrite.before),
        checked,
    )


def expect(what: str, found: float, expected: float, checked: Checked) -> None:
    """Note a difference."""
    if not close(found, expected):
        checked.disagreements.append(str(Disagreement(what, found, expected)))


def by_difference(formula: Formula, point: dict[str, float], name: str) -> float:
    """The slope from two values to 40 digits."""
    return float(derivative(formula, point, name))


def by_sympy(formula: Formula, point: dict[str, float], name: str) -> float | None:
    """SymPy's derivative, in 30 digits; None where it leaves something that has no number.

    SymPy is told the signs of the names, without which it does not know x^(1/3) to be real.
    """
    signs = {n: math.copysign(1, point[n]) for n in formula.names}
    sized = {n: sympy.Symbol(f"{n}_", positive=True) for n in formula.names}
    known = {sympy.Symbol(n, real=True): int(signs[n]) * sized[n] for n in formula.names}
    slope = to_sympy(formula).subs(known).diff(sized[name])
    # away from the jump, which is what SymPy means by the derivative of the sign
    slope = slope.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)).doit()
    at = {sized[n]: sympy.Float(abs(point[n]), 30) for n in formula.names}
    try:
        found = complex(slope.evalf(30, subs=at))
    except TypeError:
        return None
    assert abs(found.imag) < 1e-9
    return signs[name] * found.real


def by_torch(formula: Formula, point: dict[str, float], name: str) -> float:
    """Autograd's derivative."""
    given = {each: point[each] for each in formula.names}
    _, gradient = Objective.from_formula(formula.text, given).value_and_gradient()
    return float(gradient[name])


def check(
    formula: Formula,
    name: str,
    point: dict[str, float],
    checked: Checked,
    *,
    sympy_too: bool = True,
) -> Derivation:
    """One formula by one variable at one point, away from kinks and edges."""
    derivation = derive(formula, name)
    at = Evaluation(point, formula.text)
    before = len(checked.disagreements)
    check_consistency(derivation, at, checked)
    found = at(derivation.raw)
    expect("central difference", found, by_difference(formula, point, name), checked)
    checked.by_difference += 1
    expect("autograd", found, by_torch(formula, point, name), checked)
    checked.by_torch += 1
    if sympy_too:
        slope = by_sympy(formula, point, name)
        if slope is None:
            checked.unknown_to_sympy += 1
        else:
            expect("SymPy", found, slope, checked)
            checked.by_sympy += 1
    checked.formulas += 1
    for i in range(before, len(checked.disagreements)):
        where = f"∂/∂{name} of {formula.text} at {point}"
        checked.disagreements[i] = f"{where}: {checked.disagreements[i]}"
    return derivation
