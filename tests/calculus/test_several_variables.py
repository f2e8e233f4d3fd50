"""Gradients, Jacobians, Hessians, directions and Taylor's expansion of formulas."""

import math

import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from scalar_formulas import derivative, points, scalar_texts, well_conditioned

from chainrule.calculus import DomainError, Evaluation, FormulaError, parse, to_sympy, write
from chainrule.calculus.gradient import directional_slope, gradient
from chainrule.calculus.jacobian import jacobian, read_vector
from chainrule.calculus.second_derivatives import hessian
from chainrule.calculus.taylor import taylor

HIMMELBLAU = parse("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
SAME_EVERY_TIME = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@SAME_EVERY_TIME
@given(text=scalar_texts, point=points)
def test_each_entry_of_a_gradient_is_the_slope_along_its_axis(
    text: str, point: dict[str, float]
) -> None:
    formula = parse(text)
    if not formula.names or not well_conditioned(formula, point):
        return
    found = gradient(formula)
    assert found.variables == formula.names
    for name, slope in zip(found.variables, found.at(Evaluation(point)), strict=True):
        expected = float(derivative(formula, point, name))
        assert slope == pytest.approx(expected, rel=1e-6, abs=1e-8), (text, name)


SMOOTH = [
    "x^2 y^3 - 4x/y",
    "sin(x y) exp(-x)",
    "log(1 + x^2 + y^2)",
    "(sigmoid(w_1 * x + y) - 0.3)^2",
    "x^y",
    "atan2(y, x)",
    "sqrt(x^2 + y^2 + 1) tanh(w_1)",
]


@pytest.mark.parametrize("text", SMOOTH)
def test_a_hessian_is_that_of_sympy_and_symmetric(text: str) -> None:
    formula = parse(text)
    point = {"x": 1.3, "y": 0.7, "w_1": -0.4}
    rows = hessian(formula).at(Evaluation(point))
    symbols = [sympy.Symbol(name, real=True) for name in formula.names]
    at = {s: point[s.name] for s in symbols}
    expected = sympy.hessian(to_sympy(formula), symbols).evalf(subs=at)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            assert entry == pytest.approx(float(expected[i, j]), rel=1e-9, abs=1e-12)
            assert entry == pytest.approx(rows[j][i], rel=1e-9, abs=1e-12)


def test_a_cell_of_a_hessian_opens_its_derivation() -> None:
    found = hessian(parse("x^2 y"))
    mixed = found.cells[0][1]
    assert mixed is not None
    assert mixed.variable == "y"
    assert write(mixed.formula) == "2x · y"
    assert write(mixed.factored) == "2x"
    assert found.cells[1][1] is None  # ∂f/∂y = x² does not hold y


def test_the_slope_along_a_direction_does_not_depend_on_its_length() -> None:
    found, at = gradient(HIMMELBLAU), Evaluation({"x": 3, "y": -1})
    slope = directional_slope(found, {"x": 3, "y": 4}, at)
    assert slope.length == 5
    assert slope.unit == (0.6, 0.8)
    assert slope.slope == pytest.approx(-42 * 0.6 + 6 * 0.8)
    assert slope.cosine == pytest.approx(slope.slope / math.hypot(42, 6))
    longer = directional_slope(found, {"x": 30, "y": 40}, at)
    assert longer.slope == pytest.approx(slope.slope)
    steepest = directional_slope(found, {"x": -42, "y": 6}, at)
    assert steepest.cosine == pytest.approx(1)
    assert steepest.slope == pytest.approx(steepest.gradient_norm)


def test_a_direction_without_length_or_with_a_strange_name_is_refused() -> None:
    found, at = gradient(HIMMELBLAU), Evaluation({"x": 3, "y": -1})
    with pytest.raises(FormulaError, match="a direction with a length"):
        directional_slope(found, {"x": 0.0}, at)
    with pytest.raises(FormulaError, match="in the variables x, y, found 'z'"):
        directional_slope(found, {"z": 1.0}, at)


def test_a_jacobian_has_a_row_for_each_result() -> None:
    found = jacobian(parse("[x^2 y, 5x + sin y, 7]"))
    written = [[cell and write(cell.factored) for cell in row] for row in found.cells]
    assert written == [["2x · y", "x^2"], ["5", "cos y"], [None, None]]
    assert found.at(Evaluation({"x": 2.0, "y": 0.0})) == ((0.0, 4.0), (5.0, 1.0), (0.0, 0.0))


def test_results_may_be_typed_without_brackets() -> None:
    assert read_vector("x^2, x y") == parse("[x^2, x y]")
    with pytest.raises(FormulaError, match="column 4"):
        read_vector("x +")


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("[1, 2]", None, "Expected a formula with a variable"),
        ("[x, y]", ["z"], "found 'z'"),
        ("[[x, 1], [2, y]]", None, "found a matrix"),
    ],
)
def test_what_has_no_jacobian_is_refused(text: str, names: list[str] | None, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        jacobian(parse(text), names)


@pytest.mark.parametrize("text", SMOOTH)
def test_taylors_error_falls_a_thousandfold_when_the_distance_falls_tenfold(text: str) -> None:
    formula = parse(text)
    point = {name: {"x": 1.3, "y": 0.7, "w_1": -0.4}[name] for name in formula.names}
    found = taylor(formula, point)
    errors = [abs(e.value - e.expansion) for e in found.errors if e.value is not None]
    assert errors[1] < errors[0] / 50
    assert errors[2] < errors[1] / 300


def test_taylors_expansion_of_a_quadratic_is_the_quadratic() -> None:
    found = taylor(parse("3x^2 - x y + 2"), {"x": -1.0, "y": 4.0})
    assert write(found.expansion) == "9 - 10(x + 1) + (y - 4) + 3(x + 1)² - (x + 1) · (y - 4)"
    for at in ({"x": 0.3, "y": -7.0}, {"x": 100.0, "y": 5.0}):
        exact = Evaluation(at)(found.hessian.gradient.formula.root)
        assert Evaluation(at)(found.expansion) == pytest.approx(exact)


def test_outside_the_domain_the_place_is_named() -> None:
    with pytest.raises(
        DomainError, match=r"log needs a number above 0, found −1, at x = −1: choose x > 0"
    ):
        taylor(parse("2 log(x)"), {"x": -1.0})


@pytest.mark.parametrize("text", ["log(x) + 0y", "atanh(x + 3) + y", "sqrt(x)^2 y", "log(x) y"])
def test_where_f_has_no_value_nothing_has(text: str) -> None:
    formula, at = parse(text), Evaluation({"x": -1.0, "y": 1.0}, text)
    for ask in (gradient(formula).at, hessian(formula).at, jacobian(formula).at):
        with pytest.raises(DomainError):
            ask(at)


def test_a_result_without_a_value_has_no_row() -> None:
    found = jacobian(parse("[log(y), x]"), ["x"])
    with pytest.raises(DomainError):
        found.at(Evaluation({"x": 1.0, "y": -1.0}))


def test_at_a_kink_an_entry_has_no_number_and_a_sentence_says_why() -> None:
    at = Evaluation({"x": 0.0, "y": 1.0})
    found = gradient(parse("abs(x) + y"))
    assert found.at(at) == (None, 1.0)
    assert [notice[:32] for notice in found.notices(at)] == ["abs(x) (column 1) has a kink at "]
    assert jacobian(parse("[relu(x), y]")).at(at) == ((None, 0.0), (0.0, 1.0))
    assert hessian(parse("abs(x) + y^2")).at(at) == ((None, None), (0.0, 2.0))
    beside = Evaluation({"x": 0.5, "y": 1.0})
    assert (found.at(beside), found.notices(beside)) == ((1.0, 1.0), ())


def test_a_kink_of_the_slope_leaves_no_second_derivative() -> None:
    found, at = hessian(parse("x |x|")), Evaluation({"x": 0.0})
    assert found.gradient.at(at) == (0.0,)
    assert found.at(at) == ((None,),)
    assert found.notices(at)[0].startswith("In ∂f/∂x, |x| has a kink at x = 0")


def test_a_slope_along_a_line_through_a_kink_has_two_sides() -> None:
    at = Evaluation({"x": 0.0, "y": 1.0})
    slope = directional_slope(gradient(parse("abs(x) + y")), {"x": 3.0}, at)
    assert (slope.slope, slope.ahead, slope.behind, slope.smooth) == (None, 1.0, -1.0, False)
    past = directional_slope(gradient(parse("abs(x) + y")), {"y": -2.0}, at)
    assert (past.slope, past.gradient) == (-1.0, (None, 1.0))


def test_a_slanted_line_meets_a_kink_that_no_axis_meets() -> None:
    at = Evaluation({"x": 0.0, "y": 0.0})
    slope = directional_slope(gradient(parse("min(|x|, |y|)")), {"x": 1.0, "y": 1.0}, at)
    assert slope.gradient == (0.0, 0.0)
    assert slope.slope is None
    assert slope.ahead == pytest.approx(math.sqrt(0.5))
    assert slope.behind == pytest.approx(-math.sqrt(0.5))


def test_at_a_kink_there_is_no_expansion() -> None:
    found = taylor(parse("abs(x)"), {"x": 0.0})
    assert (found.value, found.gradient, found.second) == (0.0, (None,), ((None,),))
    assert (found.expansion, found.errors) == (None, ())
    assert "kink" in found.notices[0]
