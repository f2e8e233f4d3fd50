"""Line scans and slices: values, slopes and directions that can be known beforehand."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from chainrule.instruments.descent import descend
from chainrule.instruments.directions import (
    Direction,
    between,
    eigenvector_directions,
    given,
    random_directions,
    steepest_descent,
    update,
    variable,
    variables,
)
from chainrule.instruments.landscape import line_scan, plane_slice
from chainrule.instruments.trajectory_plane import descent_slice, trajectory_plane
from chainrule.objective import Objective, ObjectiveError

Double = torch.float64


def quadratic(hessian: Tensor, theta: Tensor) -> Objective:
    """½ θᵀHθ at θ."""
    return Objective.from_callable(lambda t: 0.5 * t @ hessian @ t, theta)


def of_two(function: Callable[[Tensor, Tensor], Tensor], x: float, y: float) -> Objective:
    return Objective.from_callable(
        lambda t: function(t["x"], t["y"]),
        {"x": torch.tensor(x, dtype=Double), "y": torch.tensor(y, dtype=Double)},
    )


def network() -> Objective:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3 * 36, 5)
    ).eval()
    batch = torch.randn(4, 1, 8, 8), torch.tensor([0, 1, 2, 3])
    return Objective.from_module(model, F.cross_entropy, batch)


# ---- lines


@settings(max_examples=25, deadline=None)
@any_of(
    eigenvalues=st.lists(st.floats(0.1, 50), min_size=3, max_size=3), seed=st.integers(0, 10_000)
)
def test_along_the_gradient_of_a_quadratic_everything_is_known(
    eigenvalues: list[float], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    turn, _ = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=Double))
    hessian = turn @ torch.diag(torch.tensor(eigenvalues, dtype=Double)) @ turn.T
    theta = torch.randn(3, generator=generator, dtype=Double) + 3
    objective = quadratic(hessian, theta)
    g = hessian @ theta
    best = float(g @ g / (g @ hessian @ g))  # the exact line search of a quadratic
    scan = line_scan(objective, steepest_descent(objective), extent=(-best, 3 * best), points=20)
    assert scan.slope == pytest.approx(-float(g.norm()), rel=1e-9)
    assert scan.slope == pytest.approx(-scan.gradient_norm, rel=1e-9)
    assert scan.best == pytest.approx(best, rel=1e-6)
    assert scan.best_value == pytest.approx(objective.value(theta - best * g), rel=1e-9, abs=1e-9)
    assert scan.value_at_start == pytest.approx(float(0.5 * theta @ g))
    assert scan.distances[-1] == pytest.approx(3 * best * float(g.norm()), rel=1e-9)


def test_the_promise_is_the_tangent() -> None:
    objective = of_two(lambda x, y: x**3 + y, 1.0, 0.0)
    scan = line_scan(objective, variable(objective, "x"), extent=(0.0, 2.0), points=5)
    assert scan.start == 1.0
    assert scan.axis.coordinates == (0.0, 0.5, 1.0, 1.5, 2.0)
    assert scan.values == pytest.approx((0, 0.125, 1, 3.375, 8))
    assert scan.promised == pytest.approx((-2, -0.5, 1, 2.5, 4))
    assert (scan.best, scan.best_value, scan.refined) == (0.0, 0.0, False)


def test_an_update_and_two_points_have_their_own_units() -> None:
    objective = of_two(lambda x, y: x**2 + y**2, 3.0, 4.0)
    after = {"x": torch.tensor(0.0, dtype=Double), "y": torch.tensor(0.0, dtype=Double)}
    step = update(objective, objective.parameters, after)
    assert step.length == 5
    scan = line_scan(objective, step, extent=(0.0, 2.0), points=4)
    assert scan.best == pytest.approx(1.0)
    assert scan.refined
    assert scan.slope == pytest.approx(-10)
    line = between(objective, after, objective.parameters)
    found = line_scan(objective, line, theta=after, extent=(0.0, 1.0), points=5)
    assert found.values == pytest.approx([25 * c * c for c in (0, 0.25, 0.5, 0.75, 1)])
    assert found.slope == 0


def test_coordinates_can_be_chosen() -> None:
    objective = of_two(lambda x, y: x**2 + y, 2.0, 0.0)
    along = (-8.0, -1.0, 0.0, 0.25, 4.0)
    scan = line_scan(objective, steepest_descent(objective), coordinates=along)
    assert scan.axis.coordinates == along
    for bad in ((0.0, 0.0, 1.0), (1.0, 0.0, 2.0), (0.0, 1.0), (0.0, 1.0, math.inf)):
        with pytest.raises(ObjectiveError, match="ascending order"):
            line_scan(objective, steepest_descent(objective), coordinates=bad)


def test_values_that_are_not_finite_stay() -> None:
    objective = of_two(lambda x, y: torch.log(x) + 0 * y, 1.0, 0.0)
    scan = line_scan(objective, variable(objective, "x"), extent=(-1.0, 1.0), points=5)
    assert math.isnan(scan.values[0])
    assert scan.values[2] == -math.inf
    assert scan.best == 0.5
    everywhere = of_two(lambda x, y: (x + y) * math.nan, 1.0, 0.0)
    scan = line_scan(everywhere, variable(everywhere, "x"), points=5)
    assert math.isnan(scan.best)


# ---- slices


def test_a_slice_is_row_by_row_with_the_lowest_y_first() -> None:
    objective = of_two(lambda x, y: 10 * x + y, 0.5, 0.25)
    x, y = variable(objective, "x"), variable(objective, "y")
    found = plane_slice(objective, x, y, extent=((0.0, 3.0), (-1.0, 1.0)), points=(4, 3))
    assert found.values == pytest.approx((-1, 9, 19, 29, 0, 10, 20, 30, 1, 11, 21, 31))
    assert found.start == (0.5, 0.25)
    assert found.minimum == (0.0, -1.0, -1.0)
    assert found.range == (-1.0, 31.0)
    assert found.cosine == 0
    assert all(found.exact)
    assert found.within_tolerance
    assert found.error_estimate == 0


@settings(max_examples=15, deadline=None)
@any_of(seed=st.integers(0, 10_000), row=st.integers(0, 6), column=st.integers(0, 4))
def test_every_point_of_a_slice_is_the_loss_there(seed: int, row: int, column: int) -> None:
    objective = network()
    x, y = random_directions(objective, seed=seed)
    found = plane_slice(objective, x, y, extent=((-1.0, 0.5), (0.0, 2.0)), points=(5, 7))
    a, b = found.x.coordinates[column], found.y.coordinates[row]
    there = objective.value(objective.flat() + a * x.vector + b * y.vector)
    assert found.values[row * 5 + column] == pytest.approx(there, rel=1e-4)


def test_a_slice_counts_what_it_evaluates() -> None:
    calls = 0

    def loss(t: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return t.square().sum()

    objective = Objective.from_callable(loss, torch.zeros(70_000))  # so large that vmap stays out
    before = calls
    directions = random_directions(objective, normalization="none")
    found = plane_slice(objective, *directions, points=5)
    assert found.evaluations == calls - before == 25


def test_progress_is_told_and_can_end_it() -> None:
    objective = network()
    x, y = random_directions(objective)
    told: list[tuple[int, int]] = []
    plane_slice(objective, x, y, points=9, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (81, 81)

    def cancel(done: int, of: int) -> None:
        raise KeyboardInterrupt

    start = objective.flat().clone()
    value = objective.value()
    with pytest.raises(KeyboardInterrupt):
        plane_slice(objective, x, y, points=9, progress=cancel)
    assert torch.equal(objective.flat(), start)
    assert objective.value() == value


# ---- directions


def test_filters_have_the_weights_own_norms_and_the_rest_stays() -> None:
    objective = network()
    (direction,) = random_directions(objective, count=1)
    parts = objective.point(direction.vector)
    for name in ("0.weight", "3.weight"):
        own, weight = parts[name].flatten(1), objective.parameters[name].flatten(1)
        assert torch.allclose(own.norm(dim=1), weight.norm(dim=1), rtol=1e-5)
    assert direction.held == ("0.bias", "1.weight", "1.bias", "3.bias")
    assert not any(parts[name].any() for name in direction.held)
    assert "4 of 6 tensors" in direction.detail
    (layered,) = random_directions(objective, count=1, normalization="layer")
    parts = objective.point(layered.vector)
    assert float(parts["3.weight"].norm()) == pytest.approx(
        float(objective.parameters["3.weight"].norm()), rel=1e-5
    )


def test_random_directions_follow_their_seed() -> None:
    objective = network()
    first, second = random_directions(objective, seed=3)
    again, _ = random_directions(objective, seed=3)
    other, _ = random_directions(objective, seed=4)
    assert torch.equal(first.vector, again.vector)
    assert not torch.equal(first.vector, second.vector)
    assert not torch.equal(first.vector, other.vector)


def test_where_there_are_no_filters_it_says_so() -> None:
    objective = of_two(lambda x, y: x * y, 1.0, 1.0)
    with pytest.raises(ObjectiveError, match='normalization="none"'):
        random_directions(objective)
    (direction,) = random_directions(objective, count=1, normalization="none")
    assert direction.length == pytest.approx(1)


def test_eigenvectors_come_with_their_curvature() -> None:
    turn, _ = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(1)))
    turn = turn.double()
    hessian = turn @ torch.diag(torch.tensor([9.0, 4.0, 1.0, -2.0], dtype=Double)) @ turn.T
    objective = quadratic(hessian, torch.ones(4, dtype=Double))
    first, second = eigenvector_directions(objective)
    assert first.eigenvalue == pytest.approx(9, rel=1e-4)
    assert second.eigenvalue == pytest.approx(4, rel=1e-4)
    found = plane_slice(objective, first, second, theta=torch.zeros(4, dtype=Double), points=5)
    for row, b in enumerate(found.y.coordinates):
        for column, a in enumerate(found.x.coordinates):
            expected = (9 * a * a + 4 * b * b) / 2
            assert found.values[row * 5 + column] == pytest.approx(expected, abs=1e-4)
    one = Objective.from_callable(lambda t: t.square().sum(), torch.ones(1, dtype=Double))
    with pytest.raises(ObjectiveError, match="scan a line instead"):
        eigenvector_directions(one)


def test_the_numbers_of_theta_have_names() -> None:
    objective = Objective.from_callable(
        lambda t: t["w"].sum() + t["v"].sum() + t["b"],
        {"w": torch.zeros(2, 3), "v": torch.zeros(2), "b": torch.tensor(0.0)},
    )
    names = variables(objective)
    assert names[:4] == ("w[0, 0]", "w[0, 1]", "w[0, 2]", "w[1, 0]")
    assert names[6:] == ("v[0]", "v[1]", "b")
    assert [variable(objective, name).entry for name in names] == list(range(9))
    assert variable(objective, "w[1,2]").entry == 5
    for bad in ("w", "w[2, 0]", "v[0,0]", "c", "v[-1]"):
        with pytest.raises(ObjectiveError, match="name of one number in θ"):
            variable(objective, bad)


# ---- the plane of a trajectory


def test_a_flat_trajectory_lies_in_its_plane() -> None:
    generator = torch.Generator().manual_seed(0)
    basis, _ = torch.linalg.qr(torch.randn(10, 2, generator=generator, dtype=Double))
    angles = torch.linspace(0, 3, 20, dtype=Double)
    spiral = torch.stack([(4 - angles) * angles.cos(), (4 - angles) * angles.sin()], dim=1)
    points = list(spiral @ basis.T + 1)
    objective = quadratic(torch.eye(10, dtype=Double), torch.zeros(10, dtype=Double))
    plane = trajectory_plane(objective, points)
    assert plane.x.explained is not None
    assert plane.y.explained is not None
    assert plane.x.explained + plane.y.explained == pytest.approx(1)
    assert plane.x.explained > plane.y.explained
    assert max(plane.path.off_plane) < 1e-9
    assert (plane.path.x[-1], plane.path.y[-1]) == pytest.approx((0, 0), abs=1e-12)
    assert float(plane.x.vector @ plane.y.vector) == pytest.approx(0, abs=1e-12)
    for i, point in enumerate(points):
        offset = plane.path.x[i] * plane.x.vector + plane.path.y[i] * plane.y.vector
        assert torch.allclose(plane.theta + offset, point)
    (low, high), (bottom, top) = plane.extent()
    assert low < min(plane.path.x) < max(plane.path.x) < high
    assert bottom < min(plane.path.y) < max(plane.path.y) < top
    found = plane_slice(
        objective, plane.x, plane.y, theta=plane.theta, extent=plane.extent(), path=plane.path
    )
    assert found.path == plane.path


def test_a_trajectory_off_the_plane_says_how_far() -> None:
    points = [torch.tensor(p, dtype=Double) for p in ([9, 0, 0], [5, 4, 1], [2, 1, 0], [0, 0, 0])]
    objective = quadratic(torch.eye(3, dtype=Double), torch.zeros(3, dtype=Double))
    plane = trajectory_plane(objective, points)
    assert max(plane.path.off_plane) > 0.1
    assert plane.path.off_plane[-1] == 0
    for i, point in enumerate(points):
        within = plane.path.x[i] ** 2 + plane.path.y[i] ** 2
        assert within + plane.path.off_plane[i] ** 2 == pytest.approx(float(point @ point))


def test_the_landscape_of_a_descent_has_its_path() -> None:
    objective = of_two(lambda x, y: x**2 + 5 * y**2, 3.0, -1.0)
    walk = descend(objective, 0.05, "gradient-descent", steps=8)
    found = descent_slice(objective, walk, points=11)
    assert found.path is not None
    assert (found.path.x[0], found.path.y[0]) == (3.0, -1.0)
    assert found.start == (3.0, -1.0)
    assert found.x.coordinates[0] < min(found.path.x)
    assert found.x.coordinates[-1] > 3
    low, _ = found.range
    assert low <= min(walk.losses) + 1
    many = quadratic(
        torch.diag(torch.tensor([1.0, 2.0, 9.0], dtype=Double)), torch.ones(3).double()
    )
    found = descent_slice(many, descend(many, 0.05, "gradient-descent", steps=8), points=5)
    assert found.x.kind == "trajectory"
    one = Objective.from_callable(lambda t: t.square().sum(), torch.ones(1, dtype=Double))
    with pytest.raises(ObjectiveError, match="scan a line"):
        descent_slice(one, descend(one, 0.1, "gradient-descent", steps=3))


def test_a_trajectory_without_a_plane_is_refused() -> None:
    objective = quadratic(torch.eye(3), torch.zeros(3))
    straight = [torch.full((3,), float(i)) for i in range(5)]
    with pytest.raises(ObjectiveError, match="straight line"):
        trajectory_plane(objective, straight)
    with pytest.raises(ObjectiveError, match="straight line"):
        trajectory_plane(objective, [torch.ones(3)] * 4)
    with pytest.raises(ObjectiveError, match="at least 3 points"):
        trajectory_plane(objective, straight[:2])
    with pytest.raises(ObjectiveError, match="NaN or infinities"):
        trajectory_plane(objective, [*straight, torch.tensor([0.0, math.nan, 1.0])])


# ---- what is refused


def test_bad_questions_are_refused_with_the_reason() -> None:
    objective = of_two(lambda x, y: x**2 + y**2, 1.0, 1.0)
    x, y = variable(objective, "x"), variable(objective, "y")
    with pytest.raises(ObjectiveError, match="smaller to a larger"):
        plane_slice(objective, x, y, extent=(2.0, 1.0))
    with pytest.raises(ObjectiveError, match="extent of y"):
        plane_slice(objective, x, y, extent=((0.0, 1.0), (0.0, math.inf)))
    with pytest.raises(ObjectiveError, match="at least 3 points"):
        plane_slice(objective, x, y, points=2)
    with pytest.raises(ObjectiveError, match="parallel"):
        plane_slice(objective, x, x)
    with pytest.raises(ObjectiveError, match="found NaN or infinities"):
        plane_slice(objective, x, y, theta=torch.tensor([math.nan, 0.0]))
    with pytest.raises(ObjectiveError, match="flat θ of 2"):
        line_scan(objective, torch.ones(3))
    with pytest.raises(ObjectiveError, match="found shape"):
        line_scan(objective, torch.ones(2, dtype=torch.int64))
    with pytest.raises(ObjectiveError, match="0 everywhere"):
        line_scan(objective, torch.zeros(2))
    with pytest.raises(ObjectiveError, match="NaN or infinities in the direction given"):
        given(objective, torch.tensor([1.0, math.inf]))
    with pytest.raises(ObjectiveError, match="−∇L to be 0"):
        steepest_descent(objective, torch.zeros(2, dtype=Double))


def test_a_direction_of_another_objective_is_refused() -> None:
    objective = of_two(lambda x, y: x**2 + y**2, 1.0, 1.0)
    foreign = Direction(vector=torch.ones(3), kind="given", label="foreign")
    with pytest.raises(ObjectiveError, match="flat θ of 2"):
        line_scan(objective, foreign)
