"""Slopes of both curves: of the loss against θ, and of the loss against steps."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.instruments.loss_curve import loss_curve_slope
from chainrule.instruments.slope import directional_slope, promised_fall, sensitivity
from chainrule.objective import Objective, ObjectiveError

number = st.floats(-3, 3, allow_nan=False)


def objective(function, *start: float) -> Objective:
    """L of one scalar an argument, called x, y, ..."""
    names = "xyzuvw"[: len(start)]
    theta = {n: torch.tensor(s, dtype=torch.float64) for n, s in zip(names, start, strict=True)}
    return Objective.from_callable(lambda point: function(*(point[n] for n in names)), theta)


def smooth(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x**2 * torch.sin(y) + torch.exp(0.3 * x) + x * y


# ---- in a direction


@settings(max_examples=40, deadline=None)
@given(x=number, y=number, dx=number, dy=number)
def test_the_slope_in_a_direction_is_that_of_a_short_walk(
    x: float, y: float, dx: float, dy: float
) -> None:
    length = math.hypot(dx, dy)
    if length < 1e-3:
        return
    made = objective(smooth, x, y)
    found = directional_slope(made, torch.tensor([dx, dy], dtype=torch.float64))
    h = 1e-6
    ux, uy = dx / length, dy / length
    ahead = made.value(torch.tensor([x + h * ux, y + h * uy], dtype=torch.float64))
    behind = made.value(torch.tensor([x - h * ux, y - h * uy], dtype=torch.float64))
    assert found.slope == pytest.approx((ahead - behind) / (2 * h), abs=1e-6, rel=1e-6)
    assert found.unit == pytest.approx((ux, uy))
    assert abs(found.slope) <= found.gradient_norm * (1 + 1e-12)
    assert found.curve == "loss against θ"


def test_along_the_gradient_the_slope_is_its_norm_and_across_it_is_0() -> None:
    made = objective(lambda x, y: 3 * x + 4 * y, 0.0, 0.0)
    along = directional_slope(made, torch.tensor([3.0, 4.0], dtype=torch.float64))
    across = directional_slope(made, torch.tensor([-4.0, 3.0], dtype=torch.float64))
    assert (along.slope, along.angle_degrees) == pytest.approx((5.0, 0.0))
    assert (across.slope, across.angle_degrees) == pytest.approx((0.0, 90.0), abs=1e-12)


@pytest.mark.parametrize("direction", [[0.0, 0.0], [math.nan, 1.0]])
def test_a_direction_that_points_nowhere_is_refused(direction: list[float]) -> None:
    with pytest.raises(ObjectiveError, match="Expected a direction"):
        directional_slope(objective(smooth, 1.0, 1.0), torch.tensor(direction, dtype=torch.float64))


def test_the_promise_of_a_step_is_kept_exactly_by_a_quadratic() -> None:
    made = objective(lambda x, y: 5 * x**2 + 0.5 * y**2, 1.0, 2.0)
    promise = promised_fall(made, 0.15)
    assert promise.first_order == pytest.approx(-0.15 * (10**2 + 2**2))
    after = made.value(torch.tensor([1 - 1.5, 2 - 0.3], dtype=torch.float64))
    assert promise.second_order == pytest.approx(after - made.value())


@pytest.mark.parametrize("rate", [0.0, -0.1, math.nan, math.inf])
def test_a_learning_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ObjectiveError, match="learning rate"):
        promised_fall(objective(smooth, 1.0, 1.0), rate)


# ---- one weight, by calculus and by trying


def test_where_derivative_and_difference_part_is_where_theory_says() -> None:
    """Central quotient of exp at 0: relative truncation h²/6, relative rounding about ε/h."""
    found = sensitivity(objective(torch.exp, 0.0), "x", tolerance=0.01)
    assert found.derivative == pytest.approx(1.0)
    assert found.best.central == pytest.approx(1.0, abs=1e-9)
    assert found.truncation_step == pytest.approx(1.0)  # h²/6 > 0.01 from h = 0.245 on
    assert found.rounding_step is not None
    assert 1e-16 < found.rounding_step <= 1e-13  # ε/h > 0.01 below 2e-14, if luck does not help
    assert not found.kink


def test_the_forward_quotient_parts_earlier() -> None:
    found = sensitivity(objective(torch.exp, 0.0), "x", tolerance=0.01, scheme="forward")
    assert found.truncation_step == pytest.approx(0.1)  # h/2 > 0.01 from h = 0.02 on


def test_in_single_precision_rounding_parts_at_larger_steps() -> None:
    double = sensitivity(objective(torch.exp, 0.5), "x")
    single = sensitivity(
        Objective.from_callable(lambda point: torch.exp(point["x"]), {"x": torch.tensor(0.5)}), "x"
    )
    assert double.rounding_step is not None
    assert single.rounding_step is not None
    assert single.rounding_step > 1e5 * double.rounding_step


@settings(max_examples=30, deadline=None)
@given(x=number, y=number)
def test_calculus_and_trying_agree_between_the_two_steps(x: float, y: float) -> None:
    found = sensitivity(objective(smooth, x, y), "x")
    if abs(found.derivative) < 0.1:  # relative to next to nothing
        return
    assert found.best.relative_difference < 1e-6
    low, high = found.rounding_step or 0.0, found.truncation_step or math.inf
    between = [q for q in found.quotients if low < q.step < high]
    assert between
    assert all(q.relative_difference <= found.tolerance for q in between)


@pytest.mark.parametrize(
    ("function", "at", "kink"),
    [
        (torch.abs, 0.0, True),
        (torch.relu, 0.0, True),
        (torch.relu, 1e-3, False),
        (lambda x: torch.abs(x) + x**2, 0.0, True),
        (lambda x: x**2, 0.0, False),
        (torch.nn.functional.softplus, 0.0, False),
        (lambda x: torch.tanh(1000 * x), 0.0, False),
    ],
    ids=["abs", "relu", "beside the kink", "abs + square", "square", "softplus", "steep"],
)
def test_a_kink_is_told_from_a_bend(function, at: float, kink: bool) -> None:
    assert sensitivity(objective(function, at), "x").kink is kink


def test_an_entry_of_a_matrix_can_be_asked_for() -> None:
    weights = torch.arange(6, dtype=torch.float64).reshape(2, 3)
    made = Objective.from_callable(
        lambda p: (p["w"] ** 2).sum() + p["b"],
        {
            "b": torch.tensor(1.0, dtype=torch.float64),
            "w": weights,
        },
    )
    found = sensitivity(made, "w", (1, -1))
    assert (found.index, found.weight, found.derivative) == ((1, 2), 5.0, 10.0)


@pytest.mark.parametrize(("name", "index"), [("z", ()), ("x", (0,)), ("x", 3)])
def test_a_weight_that_is_not_there_is_refused(name: str, index: object) -> None:
    with pytest.raises(ObjectiveError, match="Expected"):
        sensitivity(objective(smooth, 1.0, 1.0), name, index)  # type: ignore[arg-type]


# ---- the loss against steps


def noise(kind: str, count: int, random: np.random.Generator) -> np.ndarray:
    if kind == "outliers":
        made = random.normal(size=count)
        made[random.random(count) < 0.05] += 50
        return made
    if kind == "heavy tails":
        return random.standard_t(2, size=count)
    if kind == "strongly correlated with outliers":
        made = noise("strongly correlated", count, random)
        made[random.random(count) < 0.05] += 50
        return made
    correlation = {"independent": 0.0, "correlated": 0.5, "strongly correlated": 0.9}[kind]
    made, value = np.empty(count), 0.0
    for i in range(-100, count):
        value = correlation * value + random.normal()
        if i >= 0:
            made[i] = value
    return made


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("independent", 0.90),
        ("outliers", 0.90),
        ("heavy tails", 0.90),
        ("correlated", 0.90),
        ("strongly correlated", 0.85),
        ("strongly correlated with outliers", 0.75),
    ],
)
def test_the_interval_covers_the_true_slope(kind: str, least: float) -> None:
    """95 % were asked for; 120 curves leave a standard error of 2 %."""
    random = np.random.default_rng(7)
    curves, true = 120, -0.01
    covered = 0
    for _ in range(curves):
        losses = 3 + true * np.arange(150) + noise(kind, 150, random)
        found = loss_curve_slope(losses.tolist())
        covered += found.low <= true <= found.high
    assert covered / curves >= least


def test_the_interval_is_not_merely_wide() -> None:
    """With independent noise it is as wide as theory says of Theil's slope: 1.02 · 2 · 1.96 σ."""
    random = np.random.default_rng(3)
    count = 200
    widths = []
    for _ in range(20):
        found = loss_curve_slope((0.01 * np.arange(count) + random.normal(size=count)).tolist())
        widths.append(found.high - found.low)
    theory = 2 * 1.96 * math.sqrt(12 / count**3) * math.sqrt(math.pi / 3)
    assert np.median(widths) == pytest.approx(theory, rel=0.2)


def test_outliers_do_not_move_the_slope_but_would_move_least_squares() -> None:
    random = np.random.default_rng(5)
    steps = np.arange(100)
    losses = 2 - 0.01 * steps + 0.05 * random.normal(size=100)
    losses[90:] += 20
    assert loss_curve_slope(losses.tolist()).slope == pytest.approx(-0.01, abs=0.003)
    assert np.polyfit(steps, losses, 1)[0] > 0.02


def test_correlated_noise_widens_the_interval() -> None:
    random = np.random.default_rng(2)
    independent = loss_curve_slope(noise("independent", 300, random).tolist())
    correlated = loss_curve_slope(noise("strongly correlated", 300, random).tolist())
    assert independent.inflation < 2
    assert correlated.inflation > 6  # (1 + 0.9)/(1 − 0.9) = 19 in truth


def test_a_long_curve_is_fitted_from_blocks_and_steps_keep_their_unit() -> None:
    random = np.random.default_rng(1)
    losses = 5 - 1e-4 * np.arange(20_000) + random.normal(size=20_000)
    found = loss_curve_slope(losses.tolist(), promised=-2e-4)
    assert found.low < -1e-4 < found.high
    assert found.high - found.low < 2e-5
    assert found.kept_promise == pytest.approx(0.5, rel=0.1)
    assert (found.points, found.direction, found.curve) == (20_000, "falling", "loss against steps")


def test_gaps_and_numbers_that_are_not_finite_are_left_out_and_counted() -> None:
    steps = [float(10 * k) for k in range(20)]
    losses = [100 - 0.5 * s for s in steps]
    losses[3], losses[17] = math.nan, math.inf
    found = loss_curve_slope(losses, steps)
    assert found.slope == pytest.approx(-0.5)
    assert (found.nonfinite, found.points, found.last_step) == (2, 18, 190)


def test_a_curve_that_bends_says_so() -> None:
    falling = [math.exp(-k / 30) for k in range(200)]
    assert loss_curve_slope(falling).bends
    assert not loss_curve_slope([5 - 0.1 * k for k in range(200)]).bends


def test_a_level_curve_has_no_direction() -> None:
    assert loss_curve_slope([1.0] * 30).direction == "level"
    random = np.random.default_rng(11)
    assert loss_curve_slope(random.normal(size=200).tolist()).direction == "level"


@pytest.mark.parametrize(
    ("losses", "steps"),
    [([1.0] * 5, None), ([math.nan] * 50, None), ([1.0] * 20, [0.0] * 20), ([1.0] * 20, [1.0])],
    ids=["too few", "none finite", "no order", "no match"],
)
def test_a_curve_that_has_no_slope_is_refused(
    losses: list[float], steps: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="Expected"):
        loss_curve_slope(losses, steps)
