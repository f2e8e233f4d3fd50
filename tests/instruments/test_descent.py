"""Descent: the regimes of η, the path of each optimizer, and the comparison of the two."""

import math

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chainrule.instruments.descent import descend
from chainrule.instruments.forecast import regimes
from chainrule.instruments.optimizers import SETTINGS
from chainrule.instruments.regimes import monotone_limit, multiplier, stable_limit
from chainrule.objective import Objective, ObjectiveError

OPTIMIZERS = tuple(SETTINGS)


def objective(function, *start: float) -> Objective:
    """L of one scalar an argument, called x, y, ..."""
    names = "xyzuvw"[: len(start)]
    theta = {n: torch.tensor(s, dtype=torch.float64) for n, s in zip(names, start, strict=True)}
    return Objective.from_callable(lambda point: function(*(point[n] for n in names)), theta)


def quadratic(eigenvalues: list[float], start: list[float]) -> Objective:
    """½ Σ λᵢ qᵢ² in coordinates q that are turned against θ, started at the given q."""
    size = len(eigenvalues)
    generator = torch.Generator().manual_seed(size)
    turn, _ = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))
    values = torch.tensor(eigenvalues, dtype=torch.float64)
    origin = turn @ torch.tensor(start, dtype=torch.float64)
    return Objective.from_callable(
        lambda theta: 0.5 * (values * (turn.T @ theta) ** 2).sum(), origin
    )


def bowl(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 5 * x**2 + 0.5 * y**2


def rosenbrock(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


# ---- multipliers and limits, against PyTorch's own optimizers


@settings(max_examples=25, deadline=None)
@given(
    curvature=st.floats(0.1, 50),
    share=st.floats(0.02, 1.3),
    beta=st.floats(0.05, 0.95),
    optimizer=st.sampled_from(["gradient-descent", "momentum", "nesterov"]),
)
def test_the_multiplier_is_the_rate_at_which_pytorch_shrinks_the_distance(
    curvature: float, share: float, beta: float, optimizer: str
) -> None:
    known = {} if optimizer == "gradient-descent" else {"momentum": beta}
    rate = share * stable_limit(optimizer, curvature, known)
    expected = multiplier(optimizer, curvature, rate, known)
    x = torch.ones(1, dtype=torch.float64, requires_grad=True)
    made = torch.optim.SGD([x], lr=rate, nesterov=optimizer == "nesterov", **known)
    logarithm, steps, skipped = 0.0, 300, 150
    for step in range(steps):
        made.zero_grad()
        (0.5 * curvature * x**2).sum().backward()
        made.step()
        size = max(abs(x.item()), abs(made.state[x].get("momentum_buffer", x).item()))
        if size == 0:
            return
        scale = 1 / size  # the recurrence is linear: rescale, so that nothing under- or overflows
        with torch.no_grad():
            x.mul_(scale)
            if known:
                made.state[x]["momentum_buffer"].mul_(scale)
        if step >= skipped:
            logarithm += math.log(size)
    measured = math.exp(logarithm / (steps - skipped))
    assert measured == pytest.approx(abs(expected.value), rel=0.03)


@settings(max_examples=60, deadline=None)
@example(curvature=1.0, beta=0.0, decay=1.3e-284, optimizer="adamw")
@given(
    curvature=st.floats(0.01, 100),
    beta=st.floats(0, 0.99),
    decay=st.floats(0, 0.5),
    optimizer=st.sampled_from(OPTIMIZERS),
)
def test_motions_change_exactly_at_the_limits(
    curvature: float, beta: float, decay: float, optimizer: str
) -> None:
    known = {"momentum": beta, "beta1": beta, "weight_decay": decay}
    monotone = monotone_limit(optimizer, curvature, known)
    stable = stable_limit(optimizer, curvature, known)
    assert 0 < monotone < stable

    def motion(rate: float) -> str:
        return multiplier(optimizer, curvature, rate, known).motion

    if monotone > 1e-12:
        assert motion(0.99 * monotone) == "monotone"
        assert motion(monotone + 0.01 * min(monotone, stable - monotone)) == "oscillating"
    assert motion(0.999 * stable) == "oscillating"
    assert motion(1.001 * stable) == "diverging"


def test_known_limits() -> None:
    assert monotone_limit("gradient-descent", 10) == pytest.approx(0.1)
    assert stable_limit("gradient-descent", 10) == pytest.approx(0.2)
    assert stable_limit("momentum", 10, {"momentum": 0.9}) == pytest.approx(0.38)
    assert stable_limit("adam", 1, {"beta1": 0.9}) == pytest.approx(38)
    assert stable_limit("nesterov", 1, {"momentum": 0.9}) == pytest.approx(3.8 / 2.8)
    assert stable_limit("gradient-descent", -1) == math.inf


def test_negative_curvature_is_left_and_none_is_kept() -> None:
    assert multiplier("gradient-descent", -2, 0.1).value == pytest.approx(1.2)
    assert multiplier("gradient-descent", 0, 0.1).value == 1
    assert multiplier("newton", -2, 1.0).value == 0  # Newton goes up to it


# ---- regimes of an objective


@settings(max_examples=25, deadline=None)
@given(
    eigenvalues=st.lists(st.floats(0.5, 20), min_size=1, max_size=5),
    share=st.floats(0.05, 1.4),
)
def test_on_a_quadratic_the_prediction_comes_true(eigenvalues: list[float], share: float) -> None:
    top = max(eigenvalues)
    rate = share * 2 / top
    if min(abs(share - 0.5), abs(share - 1.0)) < 0.02:
        return  # so near to a limit the steps are too few to tell
    made = quadratic(eigenvalues, [1.0] * len(eigenvalues))
    found = descend(made, rate, steps=150)
    assert found.regimes.eigenvalues == pytest.approx(sorted(eigenvalues, reverse=True), rel=1e-9)
    assert found.regimes.monotone_limit == pytest.approx(1 / top)
    assert found.regimes.stable_limit == pytest.approx(2 / top)
    expected = "monotone" if share < 0.5 else "oscillating" if share < 1 else "diverging"
    assert found.regimes.prediction == expected
    assert found.outcome == expected
    assert found.agrees
    assert found.reasons == ()
    assert found.departs_at is None


def test_each_direction_has_its_multiplier_and_its_vector() -> None:
    found = regimes(objective(bowl, 1.0, 1.0), 0.15)
    assert [d.eigenvalue for d in found.directions] == pytest.approx([10, 1])
    assert [d.multiplier for d in found.directions] == pytest.approx([-0.5, 0.85])
    assert [d.motion for d in found.directions] == ["oscillating", "monotone"]
    assert found.directions[0].vector == pytest.approx((1, 0))


def test_a_direction_without_slope_at_the_start_does_not_count() -> None:
    found = descend(objective(bowl, 0.0, 1.0), 0.25)
    assert not found.regimes.directions[0].active
    assert found.regimes.prediction == found.outcome == "monotone"


def test_a_direction_with_a_tiny_slope_counts_if_it_grows_enough() -> None:
    found = descend(objective(bowl, 1e-9, 1.0), 0.21, steps=100)
    assert found.regimes.prediction == found.outcome == "diverging"
    assert found.losses[-1] < found.losses[0]  # seen although the loss is still below the start's


def test_a_place_that_bends_downwards_has_no_limit() -> None:
    found = regimes(objective(lambda x: -(x**2), 1.0), 0.1)
    assert found.monotone_limit == found.stable_limit == math.inf
    assert found.prediction == "monotone"


def test_many_parameters_have_both_ends_of_their_spectrum() -> None:
    made = quadratic([10.0, *torch.linspace(1, 3, 58).tolist(), -0.5], [1.0] * 60)
    found = regimes(made, 0.15)
    assert found.eigenvalues == pytest.approx((10.0, -0.5), abs=0.1)
    assert found.prediction == "oscillating"


# ---- the paths


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_path_is_that_of_pytorchs_optimizer(optimizer: str) -> None:
    found = descend(objective(rosenbrock, -1.0, 1.5), 0.01, optimizer, steps=5)
    theta = torch.tensor([-1.0, 1.5], dtype=torch.float64, requires_grad=True)
    if optimizer == "newton":
        for _ in range(5):
            hessian = torch.func.hessian(lambda t: rosenbrock(t[0], t[1]))(theta.detach())
            loss = rosenbrock(theta[0], theta[1])
            (gradient,) = torch.autograd.grad(loss, theta)
            theta = (theta - 0.01 * torch.linalg.solve(hessian, gradient)).detach().requires_grad_()
    else:
        made = {
            "gradient-descent": lambda p: torch.optim.SGD(p, lr=0.01),
            "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
            "nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
            "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
            "adam": lambda p: torch.optim.Adam(p, lr=0.01),
            "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
        }[optimizer]([theta])
        for _ in range(5):
            made.zero_grad()
            rosenbrock(theta[0], theta[1]).backward()
            made.step()
    expected = tuple(theta.detach().tolist())
    if not all(map(math.isfinite, expected)) or max(map(abs, expected)) > 1e6:
        assert found.outcome in ("diverging", "non-finite")
        return
    assert found.points[5].theta == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_comes_down_a_bowl(optimizer: str) -> None:
    rate = 1.0 if optimizer == "newton" else 0.05
    found = descend(objective(bowl, 1.0, 1.0), rate, optimizer, steps=400)
    assert found.losses[-1] < 1e-3 * found.losses[0]
    assert found.optimizer == optimizer
    assert found.agrees


def test_newton_arrives_at_once_and_says_how_it_solved() -> None:
    found = descend(objective(bowl, 3.0, -2.0), 1.0, "newton", steps=1)
    assert found.losses[-1] == pytest.approx(0, abs=1e-25)
    assert found.solver == "least squares on the whole Hessian"


def test_newton_with_many_parameters_solves_by_products() -> None:
    made = quadratic(torch.linspace(1, 10, 60).tolist(), [1.0] * 60)
    found = descend(made, 1.0, "newton", steps=2)
    assert found.losses[-1] < 1e-12
    assert found.solver.startswith("MINRES")


def test_momentum_and_other_settings_are_passed_on() -> None:
    found = descend(objective(bowl, 1.0, 1.0), 0.01, "momentum", settings={"momentum": 0.5})
    assert dict(found.settings) == {"learning_rate": 0.01, "momentum": 0.5}
    assert found.regimes.stable_limit == pytest.approx(2 * 1.5 / 10)


def test_a_path_reports_its_progress_and_can_be_ended() -> None:
    class Enough(Exception):
        pass

    def progress(done: int, of: int) -> None:
        assert of == 50
        if done == 7:
            raise Enough

    with pytest.raises(Enough):
        descend(objective(bowl, 1.0, 1.0), 0.01, steps=50, progress=progress)


# ---- where the prediction fails, and why


def test_rosenbrock_beyond_the_limit_at_the_start_finds_a_flatter_valley() -> None:
    found = descend(objective(rosenbrock, -1.0, 1.0), 0.0025, steps=200)
    assert found.regimes.prediction == "diverging"
    assert found.outcome == "oscillating"
    assert not found.agrees
    assert "curvature-fell" in found.reasons
    assert found.curvatures[0].largest == pytest.approx(1001.6, rel=1e-3)
    assert found.curvatures[-1].largest < 2 / 0.0025  # stable there: 2/λ > η
    assert found.departs_at is not None


def test_curvature_that_rises_on_the_way_is_named() -> None:
    himmelblau = objective(lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, 1.0, 1.0)
    found = descend(himmelblau, 0.03)
    assert (found.regimes.prediction, found.outcome) == ("monotone", "oscillating")
    assert "curvature-rose" in found.reasons
    assert found.place is not None
    assert found.place.kind == "bouncing"


def test_every_curvature_of_the_path_is_that_of_the_hessian_there() -> None:
    found = descend(objective(rosenbrock, -1.0, 1.0), 0.0005, steps=40)
    for measured in found.curvatures:
        theta = torch.tensor(found.points[measured.step].theta, dtype=torch.float64)
        dense = torch.func.hessian(lambda t: rosenbrock(t[0], t[1]))(theta)
        smallest, largest = torch.linalg.eigvalsh(dense).tolist()
        assert measured.largest == pytest.approx(largest, abs=measured.bound + 1e-9)
        assert measured.smallest == pytest.approx(smallest, abs=measured.bound + 1e-9)


@pytest.mark.parametrize("function", [torch.abs, lambda x: torch.relu(x) + torch.relu(-2 * x)])
def test_a_path_that_bounces_across_a_kink_says_where_it_is(function) -> None:
    found = descend(objective(function, 1.0), 0.3, steps=40)
    assert found.outcome == "oscillating"
    assert "kink" in found.reasons
    assert found.kink is not None
    assert found.kink.theta == pytest.approx((0.0,), abs=1e-6)
    assert found.kink.slope_before * found.kink.slope_after < 0


def test_a_steep_but_smooth_bend_is_no_kink() -> None:
    found = descend(objective(lambda x: torch.sqrt(x**2 + 1e-4), 1.0), 0.3, steps=40)
    assert found.outcome == "oscillating"
    assert found.kink is None


def test_divergence_to_infinity_ends_the_path() -> None:
    found = descend(objective(lambda x: x**4, 1.0), 1.0, steps=100)
    assert found.outcome == "diverging"
    assert len(found.points) < 20
    assert found.place is None


def test_a_step_out_of_where_the_loss_is_defined_is_non_finite() -> None:
    found = descend(objective(torch.sqrt, 0.1), 0.5)
    assert found.outcome == "non-finite"
    assert math.isnan(found.losses[-1])
    assert len(found.points) == 2


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (bowl, "minimum"),
        (lambda x, y: x**2 - y**2, "saddle"),
        (lambda x, y: -(x**2) - y**2, "maximum"),
    ],
    ids=["minimum", "saddle", "maximum"],
)
def test_a_start_without_slope_stays_and_says_what_place_it_is(function, kind: str) -> None:
    found = descend(objective(function, 0.0, 0.0), 0.1)
    assert found.outcome == "not-moving"
    assert found.agrees
    assert found.place is not None
    assert (found.place.kind, found.place.certainty) == (kind, "certain")


def test_steps_below_rounding_are_no_arrival() -> None:
    found = descend(objective(bowl, 1.0, 1.0), 1e-30)
    assert found.outcome == "not-moving"
    assert found.reasons == ("steps-below-rounding",)
    assert found.place is not None
    assert found.place.kind == "slope"


def test_convergence_to_a_saddle_shows_the_way_down() -> None:
    found = descend(objective(lambda x, y: x**2 - y**2 + y**4, 1.0, 0.0), 0.1)
    assert found.outcome == "monotone"
    assert found.place is not None
    assert (found.place.kind, found.place.certainty) == ("saddle", "certain")
    escape = found.place.escape
    assert escape is not None
    assert [abs(e) for e in escape.direction] == pytest.approx([0, 1])
    assert escape.fall == pytest.approx(0.25, rel=0.05)  # y² − y⁴ is largest at y² = ½: ¼


# ---- bad input


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf, "0.1", True])
def test_a_learning_rate_must_be_positive(rate: float) -> None:
    with pytest.raises(ObjectiveError, match="learning rate"):
        descend(objective(bowl, 1.0, 1.0), rate)


@pytest.mark.parametrize("steps", [0, -3])
def test_some_steps_must_be_made(steps: int) -> None:
    with pytest.raises(ObjectiveError, match="steps"):
        descend(objective(bowl, 1.0, 1.0), 0.1, steps=steps)


def test_an_unknown_optimizer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ObjectiveError, match=r"'adamax'.*rmsprop, adam, adamw, newton"):
        descend(objective(bowl, 1.0, 1.0), 0.1, "adamax")


@pytest.mark.parametrize("given", [{"momentum": 1.0}, {"momentum": -0.1}, {"beta1": 0.9}])
def test_settings_out_of_range_or_of_another_optimizer_are_refused(given) -> None:
    with pytest.raises(ObjectiveError, match="Expected"):
        descend(objective(bowl, 1.0, 1.0), 0.1, "momentum", settings=given)


@pytest.mark.parametrize("start", [(math.nan, 1.0), (-1.0, 1.0)])
def test_a_start_without_a_finite_loss_is_refused(start: tuple[float, float]) -> None:
    made = Objective(
        lambda p: torch.log(p["x"]) + p["y"] ** 2,
        {n: torch.tensor(v, dtype=torch.float64) for n, v in zip("xy", start, strict=True)},
        source="formula",
    )
    with pytest.raises(ObjectiveError, match="finite"):
        descend(made, 0.1)
