"""L at many points: the numbers of a plain loop, however they are computed."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from chainrule.objective import Objective, ObjectiveError, batched
from chainrule.objective.batched import plane_values


def module_objective(*extra: nn.Module, width: int = 8) -> Objective:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, width), *extra, nn.Tanh(), nn.Linear(width, 3))
    return Objective.from_module(
        model, F.cross_entropy, (torch.randn(16, 4), torch.randint(0, 3, (16,)))
    )


def himmelblau(p: dict[str, Tensor]) -> Tensor:
    x, y = p["x"], p["y"]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def function_objective() -> Objective:
    return Objective.from_callable(
        himmelblau, {name: torch.tensor(0.0, dtype=torch.float64) for name in "xy"}
    )


def one_by_one(objective: Objective, thetas: Tensor) -> Tensor:
    return torch.tensor([objective.value(theta) for theta in thetas], dtype=torch.float64)


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(0, 40),
    chunk=st.one_of(st.none(), st.integers(1, 50)),
    lazy=st.booleans(),
)
def test_values_are_those_of_a_loop(count: int, chunk: int | None, lazy: bool) -> None:
    objective = function_objective()
    thetas = torch.randn(count, 2, dtype=torch.float64) * 3
    given_points = (theta.clone() for theta in thetas) if lazy else thetas
    values = objective.batched_values(given_points, chunk=chunk)
    assert values.dtype == torch.float64
    assert values.shape == (count,)
    torch.testing.assert_close(values, one_by_one(objective, thetas), rtol=1e-12, atol=0)


@pytest.mark.parametrize("chunk", [None, 1, 7])
@pytest.mark.parametrize(
    "extra", [(), (nn.Dropout(0.3),), (nn.BatchNorm1d(8),), (nn.BatchNorm1d(8).eval(),)]
)
def test_modules_with_dropout_and_batch_norm(
    extra: tuple[nn.Module, ...], chunk: int | None
) -> None:
    objective = module_objective(*extra)
    generator = torch.Generator().manual_seed(1)
    thetas = torch.randn(60, objective.numel, generator=generator)
    if chunk == 7 and extra and isinstance(extra[0], nn.BatchNorm1d) and extra[0].training:
        with pytest.raises(RuntimeError):  # vmap cannot, and nothing else was allowed
            objective.batched_values(thetas, chunk=chunk)
        return
    values = objective.batched_values(thetas, chunk=chunk)
    torch.testing.assert_close(values, one_by_one(objective, thetas), rtol=1e-5, atol=0)


def test_many_points_of_a_small_objective_take_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that goes with the calls, so that a busy machine changes nothing."""
    objective = function_objective()
    calls: list[None] = []
    inner = objective._loss
    objective._loss = lambda point: calls.append(None) or inner(point)  # type: ignore[func-returns-value]
    clock = SimpleNamespace(
        perf_counter=lambda: len(calls) * 1e-4, monotonic=lambda: len(calls) * 1e-4
    )
    monkeypatch.setattr(batched, "time", clock)
    thetas = torch.randn(20_000, 2, dtype=torch.float64)
    before = objective.evaluations
    values = objective.batched_values(thetas)
    assert len(calls) < 400
    assert objective.evaluations - before == pytest.approx(20_000, abs=50)
    torch.testing.assert_close(values[-5:], one_by_one(objective, thetas[-5:]), rtol=1e-12, atol=0)


def test_a_large_objective_is_not_tried_with_vmap(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = module_objective(width=8)
    monkeypatch.setattr(batched, "VMAP_PARAMETERS", objective.numel - 1)
    monkeypatch.setattr(torch.func, "vmap", None)
    before = objective.evaluations
    objective.batched_values(objective.flat().expand(30, -1))
    assert objective.evaluations - before == 30


def test_a_loss_that_vmap_cannot_evaluate_is_looped() -> None:
    def branches(x: Tensor) -> Tensor:
        return x.sum() if float(x[0].detach()) > 0 else -2 * x.sum()

    objective = Objective.from_callable(branches, torch.ones(2))
    thetas = torch.randn(50, 2)
    torch.testing.assert_close(
        objective.batched_values(thetas), one_by_one(objective, thetas), rtol=1e-6, atol=1e-7
    )


def test_a_loss_of_which_vmap_says_something_else_is_looped() -> None:
    def sees_the_batch(x: Tensor) -> Tensor:
        batched_now = torch._C._functorch.is_batchedtensor(x)
        return x.sum() * (2 if batched_now else 1)

    objective = Objective.from_callable(sees_the_batch, torch.ones(2))
    thetas = torch.rand(50, 2) + 1
    assert objective.batched_values(thetas).tolist() == one_by_one(objective, thetas).tolist()


@settings(max_examples=25, deadline=None)
@given(k=st.integers(1, 3), count=st.integers(0, 30), chunk=st.sampled_from([None, 1, 4]))
def test_planes_are_the_points_they_stand_for(k: int, count: int, chunk: int | None) -> None:
    objective = function_objective()
    base = torch.tensor([0.5, -1.0], dtype=torch.float64)
    directions = torch.randn(k, 2, dtype=torch.float64)
    coordinates = torch.randint(-2, 3, (count, k)).double()  # repeated rows
    values = plane_values(objective, base, directions, coordinates, chunk=chunk)
    expected = one_by_one(objective, base + coordinates @ directions)
    torch.testing.assert_close(values, expected, rtol=1e-9, atol=1e-9)


class CountsVectors(TorchDispatchMode):
    """Counts the additions of whole vectors θ."""

    def __init__(self, numel: int) -> None:
        super().__init__()
        self.numel = numel
        self.count = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = operation(*args, **(kwargs or {}))
        whole = isinstance(result, Tensor) and result.shape == (self.numel,)
        self.count += whole and "aten.add" in str(operation)
        return result


def test_a_grid_makes_each_point_in_one_pass() -> None:
    objective = module_objective()
    axis = torch.linspace(-1, 1, 21)
    directions = torch.randn(2, objective.numel)
    with CountsVectors(objective.numel) as counted:
        values = plane_values(
            objective, None, directions, torch.cartesian_prod(axis, axis), chunk=1
        )
    assert counted.count < 1.2 * len(values)  # an addition a point, and some for each row
    theta = objective.flat() + axis[3] * directions[0] + axis[14] * directions[1]
    assert values[3 * 21 + 14] == pytest.approx(objective.value(theta), rel=1e-5)


def test_points_are_evaluated_in_inference_mode() -> None:
    objective = module_objective()
    axis, directions = torch.linspace(-1, 1, 30)[:, None], torch.randn(1, objective.numel)
    expected = one_by_one(objective, objective.flat() + axis * directions)
    with torch.inference_mode():
        values = plane_values(objective, None, directions, axis)
        again = objective.batched_values(objective.flat() + axis * directions)
    torch.testing.assert_close(values, expected, rtol=1e-5, atol=0)
    torch.testing.assert_close(again, expected, rtol=1e-5, atol=0)


def test_nan_and_infinity_are_values() -> None:
    objective = Objective.from_callable(lambda x: x.log().sum(), torch.ones(2))
    thetas = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 1.0]] * 10)
    for chunk in (None, 1, 5):
        values = objective.batched_values(thetas, chunk=chunk)
        torch.testing.assert_close(
            values[:3], torch.tensor([0.0, torch.nan, -torch.inf]).double(), equal_nan=True
        )


def test_points_are_made_while_the_model_is_the_users() -> None:
    """A generator of the caller's sees the model's own weights, whatever is being evaluated."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    objective = Objective.from_module(model, F.mse_loss, (torch.ones(4, 3), torch.ones(4, 1)))
    own = objective.flat()

    def points() -> Iterator[Tensor]:
        for scale in range(40):
            now = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
            assert torch.equal(now, own)
            yield scale * now

    values = objective.batched_values(points())
    assert values[3] == pytest.approx(objective.value(3 * own))


def test_progress_reaches_the_end_and_can_stop_everything() -> None:
    objective = function_objective()
    thetas = torch.randn(5000, 2, dtype=torch.float64)
    told: list[tuple[int, int]] = []
    objective.batched_values(thetas, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5000, 5000)
    assert [done for done, _ in told] == sorted({done for done, _ in told})

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stopped

    before, drawn = objective.evaluations, torch.get_rng_state()
    with pytest.raises(Stopped):
        objective.batched_values(thetas, progress=stop)
    assert objective.evaluations - before < 5000
    assert torch.equal(torch.get_rng_state(), drawn)


@pytest.mark.parametrize("kind", ["tensor", "generator", "plane"])
def test_a_loop_that_pauses_goes_on_where_it_was(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batched, "TOLD_EVERY_S", -1.0)  # after every point
    objective = function_objective()
    coordinates = torch.randn(30, 2, dtype=torch.float64)
    told: list[int] = []
    if kind == "plane":
        values = plane_values(
            objective,
            torch.zeros(2, dtype=torch.float64),
            torch.eye(2, dtype=torch.float64),
            coordinates,
            chunk=1,
            progress=lambda done, _: told.append(done),
        )
    else:
        values = objective.batched_values(
            coordinates if kind == "tensor" else iter(coordinates),
            chunk=1,
            progress=lambda done, _: told.append(done),
        )
    assert told == list(range(1, 31))
    torch.testing.assert_close(values, one_by_one(objective, coordinates), rtol=1e-9, atol=0)


def test_mixed_precision_parameters() -> None:
    objective = Objective.from_callable(
        lambda a, b: (a.double() ** 2).sum() + b.sum(),
        [torch.ones(2, dtype=torch.float32), torch.ones(1, dtype=torch.float64)],
    )
    thetas = torch.randn(30, 3, dtype=torch.float64)
    for chunk in (None, 1, 6):
        values = objective.batched_values(thetas, chunk=chunk)
        torch.testing.assert_close(values, one_by_one(objective, thetas), rtol=1e-7, atol=0)


def test_what_does_not_fit_is_refused() -> None:
    objective = function_objective()
    base, directions = None, torch.eye(2, dtype=torch.float64)
    with pytest.raises(ObjectiveError, match=r"\(N, 2\), found \(4, 3\)"):
        objective.batched_values(torch.ones(4, 3))
    with pytest.raises(ObjectiveError, match="at least one point, found 0"):
        objective.batched_values(torch.ones(4, 2), chunk=0)
    with pytest.raises(ObjectiveError, match=r"shape \(k, 2\), found \(2,\)"):
        plane_values(objective, base, directions[0], torch.ones(4, 1))
    with pytest.raises(ObjectiveError, match=r"\(N, 2\), one column a direction, found \(4, 1\)"):
        plane_values(objective, base, directions, torch.ones(4, 1))
    with pytest.raises(ObjectiveError, match="'y' is missing"):
        objective.batched_values([{"x": torch.tensor(0.0)}])
    with pytest.raises(ObjectiveError, match="int64"):
        objective.batched_values(torch.ones(3, 2, dtype=torch.int64))


def test_a_loss_that_is_an_entry_of_theta_keeps_each_value() -> None:
    """Its value lies in the storage that the next point is written into."""
    objective = Objective.from_callable(lambda x: x[1], torch.ones(2))
    thetas = torch.randn(20, 2)
    for chunk in (1, None, 5):
        values = objective.batched_values(thetas, chunk=chunk)
        assert values.tolist() == thetas[:, 1].double().tolist()


def test_a_model_that_changes_its_weights_does_not_move_the_points() -> None:
    class Clamps(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                self.weight.clamp_(-0.1, 0.1)
            return super().forward(x)

    torch.manual_seed(0)
    objective = Objective.from_module(
        Clamps(3, 2), F.mse_loss, (torch.randn(5, 3), torch.randn(5, 2))
    )
    coordinates = torch.linspace(-1, 1, 30)[:, None]
    direction = torch.randn(1, objective.numel)
    start = objective.flat()
    values = plane_values(objective, start, direction, coordinates, chunk=1)
    expected = one_by_one(objective, start + coordinates * direction)
    torch.testing.assert_close(values, expected, rtol=1e-5, atol=0)


def test_vmap_that_cannot_pay_is_known_from_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which a point takes the same whether alone or among others."""
    objective = function_objective()
    points: list[int] = []
    inner = torch.func.vmap

    def counted(function: object, **options: object) -> object:
        mapped = inner(function, **options)  # type: ignore[arg-type]
        return lambda thetas: (points.append(len(thetas)), mapped(thetas))[1]

    monkeypatch.setattr(torch.func, "vmap", counted)
    clock = SimpleNamespace(
        perf_counter=lambda: 1e-4 * (objective.evaluations + len(points)),
        monotonic=lambda: 0.0,
    )
    monkeypatch.setattr(batched, "time", clock)
    thetas = torch.randn(3000, 2, dtype=torch.float64)
    values = objective.batched_values(thetas)
    assert sum(points) <= 10
    torch.testing.assert_close(values, one_by_one(objective, thetas), rtol=1e-12, atol=0)
