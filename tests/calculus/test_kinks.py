"""Kinks and jumps exactly at a point, and what PyTorch makes of them."""

import math

import pytest

from chainrule.calculus import DomainError, Evaluation, derive, parse
from chainrule.calculus.checks import completed
from chainrule.calculus.derive import derive_problem
from chainrule.calculus.kinks import Kink, derivative_value, kinks, sentences
from chainrule.calculus.narrate import narrate
from chainrule.calculus.read_problem import read_problem
from chainrule.objective import Objective


def found_at(text: str, **point: float) -> tuple[Kink, ...]:
    formula = parse(text)
    return kinks(derive(formula, "x"), Evaluation(point, text))


def value_at(text: str, **point: float) -> float | None:
    formula = parse(text)
    return derivative_value(derive(formula, "x"), Evaluation(point, text))


def autograd(text: str, **point: float) -> float:
    return float(Objective.from_formula(text, point).value_and_gradient()[1]["x"])


KINKS = [
    ("relu(x)", {"x": 0}, 0, 1),
    ("relu(2x - 1)", {"x": 0.5}, 0, 2),
    ("relu(1 - 2x)", {"x": 0.5}, -2, 0),
    ("3|x|", {"x": 0}, -3, 3),
    ("|x^2 - 4|", {"x": 2}, -4, 4),
    ("norm(x)", {"x": 0}, -1, 1),
    ("max(x, x^2)", {"x": 1}, 1, 2),
    ("min(x, x^2)", {"x": 1}, 2, 1),
    ("max(x, 2x, 3x)", {"x": 0}, 1, 3),
    ("max(3x, x, 2x)", {"x": 0}, 1, 3),
    ("min(x, 3x, -x)", {"x": 0}, 3, -1),
    ("max(x, y) sin(x)", {"x": 0.5, "y": 0.5}, math.cos(0.5) * 0.5, None),
    ("leaky_relu(x)", {"x": 0}, 0.01, 1),
    ("leaky_relu(x, 0.2)", {"x": 0}, 0.2, 1),
    ("elu(x, 2)", {"x": 0}, 2, 1),
    ("selu(x)", {"x": 0}, 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805),
    ("mae(x, y)", {"x": 0.7, "y": 0.7}, -1, 1),
    ("hinge(x, y)", {"x": 1, "y": 1}, -1, 0),
    ("where(x - 1, x^2, 2x - 1) + 0 x", {"x": 1}, None, None),
    ("where(x - 1, 3x, x + 2)", {"x": 1}, 1, 3),
    ("relu(x) + relu(-x)", {"x": 0}, -1, 1),
    ("exp(relu(sin(x)))", {"x": 0}, 0, 1),
    ("relu(|x| - x)", {"x": 0}, -2, 0),
    ("relu(max(x, -x))", {"x": 0}, -1, 1),
    ("sqrt(x^2)", {"x": 1}, None, None),
    ("max(x, y, 2)", {"x": 1, "y": 1}, None, None),
    ("relu(x y)", {"x": 2, "y": 0}, None, None),
    ("x |x|", {"x": 0}, None, None),
    ("elu(x)", {"x": 0}, None, None),
    ("softsign(x)", {"x": 0}, None, None),
    ("huber(x, y)", {"x": 1, "y": 0}, None, None),
    ("softplus(x)", {"x": 0}, None, None),
    ("relu(x)^2", {"x": 0}, None, None),
]


@pytest.mark.parametrize(("text", "point", "left", "right"), KINKS)
def test_a_kink_has_a_slope_on_each_side(
    text: str, point: dict[str, float], left: float | None, right: float | None
) -> None:
    found = found_at(text, **point)
    if left is None:
        assert found == ()
        assert value_at(text, **point) == pytest.approx(autograd(text, **point))
        return
    assert found
    for kink in found:
        assert kink.kind == "kink"
        assert kink.left == pytest.approx(left)
        assert right is None or kink.right == pytest.approx(right)
        assert kink.pytorch == pytest.approx(autograd(text, **point))
        assert kink.breaks
    assert value_at(text, **point) is None


@pytest.mark.parametrize(("text", "point", "left", "right"), KINKS)
def test_the_slopes_are_those_of_small_steps(
    text: str, point: dict[str, float], left: float | None, right: float | None
) -> None:
    formula, h = parse(text), 1e-7
    here = Evaluation(point)(formula.root)
    for kink in found_at(text, **point):
        for slope, by in ((kink.left, -h), (kink.right, h)):
            beside = Evaluation({**point, "x": point["x"] + by})(formula.root)
            assert slope == pytest.approx((beside - here) / by, abs=1e-5)


@pytest.mark.parametrize(("text", "point", "left", "right"), KINKS)
def test_beside_the_point_there_is_none(
    text: str, point: dict[str, float], left: float | None, right: float | None
) -> None:
    for by in (-1e-3, 1e-3):
        beside = {**point, "x": point["x"] + by}
        assert found_at(text, **beside) == ()
        assert value_at(text, **beside) == pytest.approx(autograd(text, **beside))


@pytest.mark.parametrize(
    ("text", "x"),
    [("sign(x)", 0), ("where(x, 1 + x, x)", 0), ("x sign(x - 1)", 1), ("where(2 - x, x, 5)", 2)],
)
def test_at_a_jump_there_is_no_derivative(text: str, x: float) -> None:
    (kink,) = found_at(text, x=x)
    assert kink.kind == "jump"
    assert kink.breaks
    assert kink.pytorch == pytest.approx(autograd(text, x=x))
    assert value_at(text, x=x) is None
    assert "jumps" in kink.message


def test_kinks_that_cancel_are_shown_with_the_derivative_that_pytorch_misses() -> None:
    found = found_at("relu(x) - relu(-x)", x=0)
    assert [kink.place for kink in found] == ["relu(x)", "relu(-x)"]
    assert all(kink.left == kink.right == 1 and not kink.breaks for kink in found)
    assert found[0].pytorch == autograd("relu(x) - relu(-x)", x=0) == 0
    assert value_at("relu(x) - relu(-x)", x=0) == 1
    assert "cancels" in found[0].message


@pytest.mark.parametrize(
    ("text", "slope"),
    [("min(1, x + 1) + max(2, x + 2)", 1.0), ("sin(min(x, 2x) + max(x, 2x))", 3.0)],
)
def test_ties_that_cancel_have_the_slope_of_both_sides_and_of_pytorch(
    text: str, slope: float
) -> None:
    assert value_at(text, x=0) == pytest.approx(slope)
    assert autograd(text, x=0) == pytest.approx(slope)
    assert found_at(text, x=0) == ()
    told = narrate(derive(parse(text), "x"), evaluation=Evaluation({"x": 0.0}, text))
    assert told.value == told.line.value == pytest.approx(slope)
    assert {check.agrees for check in told.checks} == {True}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("z = a + x; a = sign(x)", "jump"),
        ("z = a x; a = sign(x)", "kink"),
        ("z = a b; a = b; b = sign(x - 1) + relu(x)", "jump"),
        ("z = a^2 + x; a = sign(x)", "jump"),
        ("sign(x)^2", "jump"),
        ("where(x^2, 1, 2)", "jump"),
        ("atan2(x, -1)", "jump"),
        ("|atan2(x, -2)|", "kink"),
    ],
)
def test_what_jumps_inside_or_in_one_point_alone_leaves_no_derivative(text: str, kind: str) -> None:
    problem = read_problem(text)
    derivation = derive_problem(problem, "x")
    x = 1.0 if "x - 1" in text else 0.0
    evaluation = completed(derivation, Evaluation({"x": x}, text))
    assert {kink.kind for kink in kinks(derivation, evaluation) if kink.breaks} == {kind}
    assert derivative_value(derivation, evaluation) is None


def test_the_angle_turns_smoothly_in_front() -> None:
    assert value_at("atan2(x, 2)", x=0) == 0.5
    assert found_at("atan2(x, 2)", x=0) == ()
    assert found_at("atan2(x^2, -1)", x=0) == ()


def test_a_kink_that_rounding_hides_is_found() -> None:
    assert 3 * 0.1 - 0.3 != 0
    (kink,) = found_at("relu(3x - 0.3)", x=0.1)
    assert (kink.left, kink.right) == (0, 3)
    assert kink.pytorch == autograd("relu(3x - 0.3)", x=0.1) == 3


def test_a_side_without_a_slope() -> None:
    (kink,) = found_at("max(x, -sqrt(x))", x=0)
    assert kink.left is None or kink.right is None
    assert value_at("max(x, -sqrt(x))", x=0) is None


def test_the_message_names_place_slopes_and_what_to_try() -> None:
    (kink,) = found_at("3 + relu(2x - 1)", x=0.5)
    assert kink.message == (
        "relu(2x - 1) (column 5) has a kink at x = 0.5: from the left the slope of the whole is 0, "
        "from the right 2, and PyTorch takes 0; try x = 0.49 or x = 0.51."
    )
    assert (kink.node, kink.span) == (6, (4, 16))


def test_a_kink_in_a_definition_is_named() -> None:
    formula, inner = parse("z^2 + z"), parse("relu(x)")
    derivation = derive(formula, "x", definitions={"z": inner})
    (kink,) = kinks(derivation, Evaluation({"x": 0.0, "z": 0.0}))
    assert (kink.name, kink.place, kink.left, kink.right) == ("z", "relu(x)", 0, 1)


def test_what_the_rules_leave_may_divide_by_0_where_the_derivative_is_known() -> None:
    assert value_at("x^0", x=0) == 0
    assert value_at("x^3/x^2 + x", x=1) == 2
    assert value_at("x^(x^0)", x=-2) == 1
    assert value_at("0^x", x=1.59) == 0
    with pytest.raises(DomainError):  # a jump from 0 to 1
        value_at("0^x", x=0)
    with pytest.raises(DomainError):  # it ends there
        value_at("sqrt(x)^2", x=0)


def test_a_derivative_too_large_for_float64_is_no_number() -> None:
    for text, x in (("x^400", 100), ("exp(x)/(1 + exp(x))", 900), ("sinh(x)", -1000)):
        with pytest.raises(DomainError, match="too large for float64"):
            value_at(text, x=x)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("sech(x)", 0), ("csch(x)", 0), ("coth(x)", 0), ("gelu_tanh(x)", 1)],
)
def test_hyperbolic_functions_far_out(text: str, expected: float) -> None:
    for x in (400.0, 900.0, 2753.0):
        assert value_at(text, x=x) == pytest.approx(expected, abs=1e-100)


def test_places_of_which_the_same_is_said_share_a_sentence() -> None:
    (said,) = sentences(found_at("relu(relu(x))", x=0))
    assert said.startswith("relu(x) (column 6) and relu(relu(x)) (column 1) have kinks at x = 0: ")


def test_outside_the_domain_is_no_kink() -> None:
    with pytest.raises(DomainError):
        found_at("relu(x) + log(x)", x=0)
    with pytest.raises(DomainError):
        value_at("sqrt(x)", x=0)
