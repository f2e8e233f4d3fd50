"""Gradients of formulas against central differences in 40 digits and against SymPy."""

import math

import mpmath as mp
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scalar_formulas import derivative, points, scalar_texts, value, well_conditioned

from chainrule.calculus import Formula, parse, to_sympy
from chainrule.objective import Objective

TOLERANCE = 1e-9


def sampled(examples: int) -> settings:
    """The same examples every time."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def gradient_of(formula: Formula, point: dict[str, float]) -> tuple[float, dict[str, float]]:
    given_names = {name: point[name] for name in formula.names}
    loss, gradient = Objective.from_formula(formula.text, given_names).value_and_gradient()
    return loss, {name: float(g) for name, g in gradient.items()}


def check_against_differences(examples: int) -> int:
    checked = 0

    @sampled(examples)
    @given(text=scalar_texts, point=points)
    def check(text: str, point: dict[str, float]) -> None:
        nonlocal checked
        formula = parse(text)
        if not formula.names or not well_conditioned(formula, point):
            return
        loss, gradient = gradient_of(formula, point)
        exact = value(formula, {name: mp.mpf(x) for name, x in point.items()})
        assert loss == pytest.approx(float(exact), rel=TOLERANCE, abs=TOLERANCE), text
        for name, found in gradient.items():
            expected = float(derivative(formula, point, name))
            assert found == pytest.approx(expected, rel=TOLERANCE * 100, abs=TOLERANCE), (
                f"∂/∂{name} of {text} at {point}"
            )
        checked += 1

    check()
    return checked


def check_against_sympy(examples: int) -> int:
    checked = 0

    @sampled(examples)
    @given(text=scalar_texts, point=points, which=st.integers(0, 5))
    def check(text: str, point: dict[str, float], which: int) -> None:
        nonlocal checked
        formula = parse(text)
        if not formula.names or not well_conditioned(formula, point):
            return
        name = formula.names[which % len(formula.names)]
        slope = to_sympy(formula).diff(sympy.Symbol(name, real=True))
        at = {sympy.Symbol(n, real=True): sympy.Float(x, 30) for n, x in point.items()}
        expected = complex(slope.evalf(30, subs=at))
        assert abs(expected.imag) < TOLERANCE
        _, gradient = gradient_of(formula, point)
        assert gradient[name] == pytest.approx(expected.real, rel=TOLERANCE * 100, abs=TOLERANCE), (
            f"∂/∂{name} of {text} at {point}"
        )
        checked += 1

    check()
    return checked


def test_gradients_are_central_differences() -> None:
    assert check_against_differences(400) > 200


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_gradients_are_central_differences_for_thousands() -> None:
    assert check_against_differences(8000) > 4000


def test_gradients_are_those_of_sympy() -> None:
    assert check_against_sympy(150) > 50


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_gradients_are_those_of_sympy_for_thousands() -> None:
    assert check_against_sympy(2500) > 1200


def test_a_wrong_derivative_would_be_noticed() -> None:
    """The comparison sees a slope that is wrong by a millionth."""
    formula = parse("x^3 y")
    at = {"x": 1.2, "y": 0.7, "w_1": 0.0}
    _, gradient = gradient_of(formula, at)
    expected = float(derivative(formula, at, "x"))
    assert gradient["x"] == pytest.approx(expected, rel=TOLERANCE)
    assert gradient["x"] * (1 + 1e-6) != pytest.approx(expected, rel=TOLERANCE * 100)
    assert math.isclose(expected, 3 * 1.2**2 * 0.7)
