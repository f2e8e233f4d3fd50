"""Implicit curves: where they have a slope, where they have none, and what is said then."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scalar_formulas import scalar_texts

from chainrule.calculus import DomainError, Evaluation, FormulaError, parse, write
from chainrule.calculus.curve import CurvePoint, slope_at
from chainrule.calculus.curve_narration import OF_CURVES, narrate_curve
from chainrule.calculus.implicit import (
    EQUATION_STEPS,
    derive_implicit,
    second_implicit,
)
from chainrule.calculus.narration import Line
from chainrule.calculus.problem import Equation
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Formula


def equation(text: str) -> Equation:
    found = read_problem(text).curve
    assert found is not None
    return found


def at(text: str, **point: float) -> CurvePoint:
    problem = read_problem(text)
    assert problem.curve is not None
    first = derive_implicit(problem.curve, definitions=problem.defined)
    second = second_implicit(first, definitions=problem.defined)
    return slope_at(first, point, second=second, definitions=problem.defined)


def test_the_circle_in_all_steps() -> None:
    found = derive_implicit(equation("x^2 + y^2 = 25"))
    assert [(s.rule, f"{write(s.left)} = {write(s.right)}") for s in found.steps] == [
        ("differentiate-both-sides", "2x + 2y · y′ = 0"),
        ("collect", "2y · y′ = -2x"),
        ("divide", "y′ = (-2x) / (2y)"),
    ]
    assert write(found.factored) == "-x / y"
    assert write(found.partial_by.tidy) == "2x"
    assert write(found.partial_of.tidy) == "2y"


def test_the_equation_shortens_the_second_derivative() -> None:
    for text, factored, on_curve in (
        ("x^2 + y^2 = 25", "-(x² + y²) / y³", "-25 / y³"),
        ("y^5 + y = x", "-20y³ / (5y⁴ + 1)³", "-20y³ / (5y⁴ + 1)³"),
        ("x^2 + x y + y^2 = 7", "-6(x² + x · y + y²) / (x + 2y)³", "-42 / (x + 2y)³"),
        ("sin(y) = x", "sin(y) / cos³(y)", "sin(y) / cos³(y)"),
    ):
        second = second_implicit(derive_implicit(equation(text)))
        assert write(second.factored) == factored
        assert write(second.on_curve) == on_curve


def test_what_is_shortened_has_the_same_value_on_the_curve() -> None:
    for text, x, y in (
        ("x^3 + y^3 = 6x y", 3, 3),
        ("x^4 + y^4 = 2", 1, -1),
        ("x y^2 - x^2 y = 2", 1, 2),
    ):
        second = second_implicit(derive_implicit(equation(text)))
        at_point = Evaluation({"x": x, "y": y})
        assert at_point(second.on_curve) == pytest.approx(at_point(second.factored), rel=1e-12)
        assert len(write(second.on_curve)) < len(write(second.factored))
        off = Evaluation({"x": x + 0.5, "y": y})
        assert off(second.on_curve) != pytest.approx(off(second.factored), rel=1e-3)


@pytest.mark.parametrize(
    ("text", "point", "words"),
    [
        ("|x| + |y| = 1", {"x": 0, "y": 1}, "|x| (column 1) has a kink"),
        ("|x| + |y| = 1", {"x": 0, "y": 1}, "is 1 from the left and -1 from the right"),
        ("|x| + |y| = 1", {"x": 1, "y": 0}, "is -1 from the left."),
        ("relu(x) + y = 1", {"x": 0, "y": 1}, "is 0 from the left and -1 from the right"),
        ("max(x, y) = 1", {"x": 1, "y": 1}, "max(x, y) (column 1) has a kink"),
    ],
)
def test_a_corner_has_no_slope(text: str, point: dict[str, float], words: str) -> None:
    found = at(text, **point)
    assert found.tangent == "corner"
    assert found.slope is None and found.agrees is None and found.second is None
    assert words in found.remark


def test_a_point_beside_the_curve_is_not_moved_without_a_word() -> None:
    found = at("x^2 + y^2 = 25", x=3, y=5)
    assert found.point["y"] == pytest.approx(4)
    assert found.moved.startswith("(3, 5) is not on the curve; the nearest point found with x = 3")
    assert at("x^2 + y^2 = 25", x=3, y=4).moved == ""
    assert at("x^2 + y^2 = 25", x=3).moved == ""


def test_a_curve_that_bends_differently_on_both_sides_has_its_slope() -> None:
    found = at("x*abs(x) + y = 1", x=0)
    assert found.slope == 0
    assert found.agrees


def test_a_curve_prints_short() -> None:
    found = derive_implicit(equation("x^2 + y^2 = 25"))
    assert str(found) == "y′ = −x/y"
    assert repr(found) == "<ImplicitDerivation of x^2 + y^2 = 25 by x: y′ = −x/y>"


@pytest.mark.parametrize("notation", OF_CURVES)
def test_a_curve_is_told_in_each_notation(notation: str) -> None:
    first = derive_implicit(equation("x^2 + y^2 = 25"))
    told = narrate_curve(first, notation, second=second_implicit(first))
    slope = {"lagrange": "y′", "operator": "D y", "words": "the derivative of y"}
    assert told.slope == slope.get(notation, "dy/dx")
    assert told.slope in told.steps[0].after
    assert told.second is not None
    assert told.second.shortened in ("−25/y³", "minus 25 divided by y cubed")


def test_a_curve_has_no_program() -> None:
    first = derive_implicit(equation("x^2 + y^2 = 25"))
    with pytest.raises(FormulaError, match="found 'pytorch': a program differentiates what it"):
        narrate_curve(first, "pytorch")


def test_every_kind_of_step() -> None:
    found = derive_implicit(equation("x^3 + y^3 = 6 (x y)"))
    assert [step.rule for step in found.steps] == [*EQUATION_STEPS]


def test_a_curve_with_one_name_on_the_left() -> None:
    found = derive_implicit(equation("x = y^3 + y"))
    assert write(found.factored) == "1 / (1 + 3y²)"
    assert at("x = y^3 + y", x=2).slope == pytest.approx(1 / 4)


def test_the_names_may_be_others() -> None:
    found = derive_implicit(equation("P V = n R T"), of="P", by="V")
    assert write(found.factored) == "-P / V"
    assert set(found.left.held) == set()
    assert set(found.right.held) == {"n", "R", "T"}


def test_the_branch_nearest_to_the_start() -> None:
    assert at("x^2 + y^2 = 25", x=3).point["y"] == pytest.approx(4, rel=1e-15)
    assert at("x^2 + y^2 = 25", x=3, y=-3).point["y"] == pytest.approx(-4, rel=1e-15)
    assert at("x^2 + y^2 = r^2; r = 5", x=3).point["r"] == 5


@pytest.mark.parametrize(
    ("text", "point", "tangent", "word"),
    [
        ("x^2 + y^2 = 25", {"x": 5, "y": 0}, "vertical", "the tangent is vertical"),
        ("x^2 + y^2 = 25", {"x": 5}, "vertical", "dx/dy does, and is 0"),  # y = 0 is only touched
        ("y^3 = x", {"x": 0, "y": 0}, "vertical", "∂F/∂y is 0 and ∂F/∂x is not"),
        ("x^3 + y^3 = 6x y", {"x": 0, "y": 0}, "singular", "crosses itself"),
        ("y^2 = x^3", {"x": 0, "y": 0}, "singular", "the equation gives no slope"),
        ("x^2 + y^2 = 0", {"x": 0, "y": 0}, "singular", "both ∂F/∂x and ∂F/∂y are 0"),
    ],
)
def test_where_there_is_no_slope(
    text: str, point: dict[str, float], tangent: str, word: str
) -> None:
    found = at(text, **point)
    assert found.tangent == tangent
    assert found.slope is None and found.quotient is None and found.second is None
    assert word in found.remark


@pytest.mark.parametrize(
    ("text", "of", "by", "message"),
    [
        ("xy = 6", "y", "x", "xy is one name: write a product"),
        ("x^2 = 4", "y", "x", "Expected 'y' in the equation, whose slope is asked for; it has x."),
        ("y^2 = 4", "y", "x", "Expected 'x' in the equation, to differentiate by; it has y."),
        ("x^2 + y^2 = 1", "y", "y", "two different names"),
        ("x + y - y = 1", "y", "x", "y drops out of it"),
        ("u^2 + x = 1; u = y", "u", "x", "name two that have no definition"),
    ],
)
def test_what_is_no_curve_is_said(text: str, of: str, by: str, message: str) -> None:
    problem = read_problem(text)
    found = problem.curve
    assert found is not None
    with pytest.raises(FormulaError) as caught:
        derive_implicit(found, of=of, by=by, definitions=problem.defined)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("x^2 + y^2 = 25", {"x": 6}, "No y was found at x = 6 for which x^2 + y^2 is 25"),
        ("x^2 + y^2 = r^2", {"x": 3}, "r has no value"),
        ("x^2 + y^2 = 25", {}, "x has no value"),
        ("ln(x) + y = 1", {"x": -1}, "No y was found"),
        ("x^2 + y^2 = r^2; r = 5", {"x": 3, "r": 5}, "leave out r=5"),
    ],
)
def test_a_bad_point_is_said(text: str, point: dict[str, float], message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        at(text, **point)
    assert message in str(caught.value)


def test_a_pole_is_no_point_of_the_curve() -> None:
    """1/(y − 1) changes its sign at y = 1 and is 0 nowhere."""
    with pytest.raises(FormulaError, match="No y was found"):
        at("x/(y - 1) = 0 x", x=1.0, y=0.9)


def test_random_curves_against_their_own_difference_quotient() -> None:
    """f(x, y) = f(x₀, y₀) goes through (x₀, y₀), whatever f is."""
    compared = 0

    @settings(
        max_examples=60,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(text=scalar_texts, x=st.integers(-150, 150), y=st.integers(-150, 150))
    def check(text: str, x: int, y: int) -> None:
        nonlocal compared
        point = {"x": (x + 0.37) / 100, "y": (y + 0.53) / 100, "w_1": 0.4}
        text = f"({text}) + x y + y^3/5"
        formula = parse(text)
        try:
            level = Evaluation(point)(formula.root)
        except DomainError:
            return
        first = derive_implicit(equation(f"{text} = {level!r}"), routes=False)
        found = slope_at(first, {n: v for n, v in point.items() if n in formula.names})
        if found.slope is None or not 1e-3 < abs(found.slope) < 1e3:
            return
        assert found.slope == pytest.approx(-found.partial_by / found.partial_of, rel=1e-6)
        if found.quotient is not None:
            compared += 1
            assert found.quotient == pytest.approx(found.slope, rel=1e-3)

    check()
    assert compared >= 15


@pytest.mark.parametrize("notation", ["leibniz", "lagrange", "operator"])
def test_a_name_that_is_held_makes_no_partial_derivative_along_a_curve(notation: str) -> None:
    problem = read_problem("y^2 = x^3 + a x")
    assert problem.equation is not None
    told = narrate_curve(derive_implicit(problem.equation), notation)
    for side in (told.left, told.right):
        assert all("∂" not in line.before and "ₓ" not in line.before for line in all_of(side.line))


def all_of(line: Line) -> list[Line]:
    return [line, *(each for below in line.lines for each in all_of(below))]


@pytest.mark.parametrize("formula", ["x^3 + y^3 = 6x*y", "y^3 = x", "y^5 = x^2"])
def test_a_point_where_y_is_a_multiple_zero_at_0_is_found(formula: str) -> None:
    """A zero at 0 has no relative size to stop at: the search gave up with a traceback."""
    assert at(formula, x=0.0).point["y"] == 0


def test_the_difference_of_both_sides_is_made_once_for_a_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was made anew for each of the hundreds of points that a search for y tries."""
    first = derive_implicit(equation("x^3 + y^3 = 6x*y"))
    made = []
    difference = first.equation.difference

    def counted(asked: Equation) -> Formula:
        made.append(asked)
        return difference

    monkeypatch.setattr(Equation, "difference", property(counted))
    assert slope_at(first, {"x": 1.0}).agrees
    assert len(made) == 1


def test_the_second_derivative_is_shortened_once_for_all_that_tell_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page tells a curve in three ways, each with the same shortened form."""
    from chainrule.calculus import on_curve

    second = second_implicit(derive_implicit(equation("x^2 + y^2 = 25")))
    made = []
    shortened = on_curve.shortened
    monkeypatch.setattr(
        on_curve, "shortened", lambda *given: made.append(given) or shortened(*given)
    )
    told = [narrate_curve(second.first, each, second=second) for each in ("leibniz", "words")]
    assert all(each.second is not None and each.second.shortened for each in told)
    assert len(made) == 1
