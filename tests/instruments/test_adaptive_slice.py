"""The adaptive slice beside the exact one: the same picture, from a fifth of the evaluations."""

import math
import random
from collections.abc import Callable
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F

from chainrule.instruments.adaptive_slice import CHECKS, LARGEST_OF_CHECKED, adaptive_slice
from chainrule.instruments.directions import random_directions, variable
from chainrule.instruments.landscape import plane_grid, plane_slice
from chainrule.objective import Objective, ObjectiveError
from chainrule.records.landscape import Slice

A_FIFTH = 520
"""Of 51 × 51 points."""

Function = Callable[[Tensor, Tensor], Tensor]
Box = tuple[tuple[float, float], tuple[float, float]]


def of_two(function: Function) -> Objective:
    zero = torch.tensor(0.0, dtype=torch.float64)
    return Objective.from_callable(lambda t: function(t["x"], t["y"]), {"x": zero, "y": zero})


def both(function: Function, box: Box, **options: object) -> tuple[Slice, Slice]:
    objective = of_two(function)
    x, y = variable(objective, "x"), variable(objective, "y")
    exact = plane_slice(objective, x, y, extent=box)
    return exact, adaptive_slice(objective, x, y, extent=box, **options)  # type: ignore[arg-type]


def largest_error(found: Slice, exact: Slice) -> float:
    """As a share of the range."""
    low, high = exact.range
    differences = [abs(a - b) for a, b in zip(found.values, exact.values, strict=True)]
    return max(differences) / (high - low)


def square(side: float) -> Box:
    return (-side, side), (-side, side)


FORMULAS: dict[str, tuple[Function, Box]] = {
    "himmelblau": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, square(5)),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, ((-2, 2), (-1, 3))),
    "beale": (
        lambda x, y: sum(
            ((a - x + x * y**k) ** 2 for a, k in ((1.5, 1), (2.25, 2), (2.625, 3))),
            start=torch.tensor(0.0),
        ),
        square(4.5),
    ),
    "waves": (lambda x, y: torch.sin(3 * x) * torch.cos(2 * y) + x * y / 10, square(3)),
    "plane": (lambda x, y: 3 * x - y + 1, square(1)),
    "bump": (lambda x, y: torch.exp(-4 * ((x - 0.7) ** 2 + (y + 0.4) ** 2)), square(2)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_smooth_formulas_need_a_fifth(name: str) -> None:
    exact, found = both(*FORMULAS[name])
    assert largest_error(found, exact) <= 0.01
    assert found.evaluations <= A_FIFTH
    assert found.evaluations == sum(found.exact)
    assert found.within_tolerance
    assert found.note == ""
    known = [(a, b) for a, b, e in zip(found.values, exact.values, found.exact, strict=True) if e]
    assert all(a == pytest.approx(b, rel=1e-9, abs=1e-9) for a, b in known)


@settings(max_examples=15, deadline=None)
@given(
    coefficients=st.lists(st.floats(-2, 2), min_size=10, max_size=10),
    frequency=st.floats(0.1, 4),
    seed=st.integers(0, 100),
)
def test_smooth_functions_are_right_or_say_that_they_are_not(
    coefficients: list[float], frequency: float, seed: int
) -> None:
    powers = [(i, j) for i in range(4) for j in range(4 - i)]

    def function(x: Tensor, y: Tensor) -> Tensor:
        polynomial = sum(c * x**i * y**j for c, (i, j) in zip(coefficients, powers, strict=True))
        return polynomial + torch.sin(frequency * (x + y))

    exact, found = both(function, square(1.5), seed=seed)
    assert found.within_tolerance
    assert largest_error(found, exact) <= 0.01


# ---- networks


@cache
def digits() -> tuple[Tensor, Tensor]:
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norms[0](self.first(x)))
        return F.relu(x + self.norms[1](self.second(y)))


class Rows(nn.Module):
    """A transformer that reads an image as eight words."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            16, 2, 32, dropout=0.1, batch_first=True, norm_first=True, activation="gelu"
        )
        self.embed = nn.Linear(8, 16)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        words: Tensor = self.encoder(self.embed(x.view(-1, 8, 8)))
        out: Tensor = self.head(words.mean(1))
        return out


def perceptron(activation: type[nn.Module]) -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 48), activation(), nn.Linear(48, 48), activation(), nn.Linear(48, 10)
    )


def resnet() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        Residual(4),
        Residual(4),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


NETWORKS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "tanh": (lambda: perceptron(nn.Tanh), 150),
    "relu": (lambda: perceptron(nn.ReLU), 150),
    "resnet": (resnet, 60),
    "transformer": (Rows, 60),
}


@cache
def trained(name: str) -> Objective:
    """A network trained for a while, in eval mode, on a batch of 64 digits."""
    make, steps = NETWORKS[name]
    torch.manual_seed(0)
    model = make().train()
    x, y = digits()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(steps):
        rows = slice(64 * step % 1400, 64 * step % 1400 + 64)
        optimizer.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
    return Objective.from_module(model.eval(), F.cross_entropy, (x[:64], y[:64]))


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_need_a_fifth(name: str) -> None:
    objective = trained(name)
    x, y = random_directions(objective, seed=1)
    found = adaptive_slice(objective, x, y)
    grid = plane_grid(objective, x, y, None, 1.0, 51)
    some = sorted(random.Random(0).sample(range(2601), 250))  # all of them in the slow tests
    low, high = found.range
    for k, value in zip(some, grid.values(some, chunk=1), strict=True):
        assert abs(found.values[k] - value) <= 0.01 * (high - low)
    assert found.evaluations <= A_FIFTH
    assert found.evaluations == sum(found.exact)
    assert found.within_tolerance


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_in_other_planes(name: str, seed: int) -> None:
    objective = trained(name)
    x, y = random_directions(objective, seed=seed)
    exact = plane_slice(objective, x, y)
    found = adaptive_slice(objective, x, y, seed=seed)
    assert largest_error(found, exact) <= 0.01
    assert found.within_tolerance


# ---- the check


def test_the_error_estimate_comes_from_points_it_had_not_seen() -> None:
    _, found = both(*FORMULAS["waves"])
    assert found.checked_points == CHECKS
    assert found.error_estimate == pytest.approx(LARGEST_OF_CHECKED * found.checked_error)
    assert found.checked_error > 0
    low, high = found.range
    assert found.error_estimate <= 0.01 * (high - low)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_lowest_value_shown_was_evaluated(name: str) -> None:
    _, found = both(*FORMULAS[name])
    low, _ = found.range
    evaluated = [v for v, exact in zip(found.values, found.exact, strict=True) if exact]
    assert min(evaluated) == low


def test_a_finer_tolerance_costs_more() -> None:
    _, coarse = both(*FORMULAS["waves"])
    exact, fine = both(*FORMULAS["waves"], tolerance=0.001)
    assert coarse.evaluations < fine.evaluations
    assert largest_error(fine, exact) <= 0.001


def step(x: Tensor, y: Tensor) -> Tensor:
    return torch.sign(x - y / 2) + 0.1 * x


def rastrigin(x: Tensor, y: Tensor) -> Tensor:
    waves = torch.cos(2 * math.pi * x) + torch.cos(2 * math.pi * y)
    return 20 + x**2 + y**2 - 10 * waves


@pytest.mark.parametrize("function", [step, rastrigin])
def test_what_is_not_smooth_is_evaluated_in_full_and_said(function: Function) -> None:
    exact, found = both(function, square(5.12))
    assert found.values == pytest.approx(exact.values)
    assert all(found.exact)
    assert found.error_estimate == 0
    assert found.within_tolerance
    assert found.note.startswith("not smooth enough: with ")
    assert found.note.endswith("; all points were evaluated")
    assert (
        2601 <= found.evaluations <= 2601 + 16
    )  # some are evaluated twice to find the fastest way


@pytest.mark.parametrize("function", [step, rastrigin])
def test_without_the_rest_it_says_that_the_error_is_too_large(function: Function) -> None:
    exact, found = both(function, square(5.12), complete=False)
    assert found.evaluations <= A_FIFTH
    assert not found.within_tolerance
    assert found.note.startswith("not smooth enough")
    assert largest_error(found, exact) > 0.01
    low, high = found.range
    assert found.error_estimate > 0.01 * (high - low)


@pytest.mark.parametrize("complete", [True, False])
def test_values_that_are_not_finite_are_never_interpolated(complete: bool) -> None:
    def function(x: Tensor, y: Tensor) -> Tensor:
        return torch.log(x + 2) + y / (x - 1.5).clamp(min=0)

    exact, found = both(function, square(3), complete=complete)
    if complete:
        same = [
            a == pytest.approx(b, nan_ok=True)
            for a, b in zip(found.values, exact.values, strict=True)
        ]
        assert all(same)
        assert "not finite" in found.note
        assert all(found.exact)
    else:
        assert not any(
            not e and math.isfinite(v) for v, e in zip(found.values, found.exact, strict=True)
        )


def test_rounding_is_not_taken_for_shape() -> None:
    _, found = both(lambda x, y: 1e6 + 0 * x * y, square(1))
    assert found.values == pytest.approx([1e6] * 2601, rel=1e-12)
    assert found.evaluations < A_FIFTH
    assert found.note == ""


def test_a_small_grid_is_evaluated_in_full() -> None:
    objective = of_two(lambda x, y: x**2 + y**2)
    x, y = variable(objective, "x"), variable(objective, "y")
    found = adaptive_slice(objective, x, y, points=11)
    assert all(found.exact)
    assert "too small to interpolate from" in found.note
    assert found.values == pytest.approx(plane_slice(objective, x, y, points=11).values)


def test_a_grid_need_not_be_square() -> None:
    objective = of_two(lambda x, y: torch.exp(x) * torch.cos(y))
    x, y = variable(objective, "x"), variable(objective, "y")
    found = adaptive_slice(objective, x, y, points=(101, 31), extent=((0.0, 2.0), (-1.0, 3.0)))
    exact = plane_slice(objective, x, y, points=(101, 31), extent=((0.0, 2.0), (-1.0, 3.0)))
    assert largest_error(found, exact) <= 0.01
    assert found.evaluations <= 101 * 31 // 5


# ---- counting, progress, cancelling


def test_every_evaluation_is_counted() -> None:
    calls = 0

    def loss(t: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return torch.sin(3 * t[0]) * t[1] ** 2

    objective = Objective.from_callable(loss, torch.zeros(2, dtype=torch.float64))
    calls = 0
    x, y = (
        variable(objective, objective_names(objective)[0]),
        variable(objective, objective_names(objective)[1]),
    )
    found = adaptive_slice(objective, x, y)
    assert found.evaluations == calls == sum(found.exact)


def objective_names(objective: Objective) -> list[str]:
    (name,) = objective.parameters
    return [f"{name}[0]", f"{name}[1]"]


def test_progress_goes_up_and_what_it_raises_ends_it() -> None:
    objective = of_two(step)
    x, y = variable(objective, "x"), variable(objective, "y")
    told: list[tuple[int, int]] = []
    adaptive_slice(objective, x, y, progress=lambda done, of: told.append((done, of)))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert all(d <= of for d, of in told)
    assert told[-1] == (2601, 2601)

    def cancel(done: int, of: int) -> None:
        if done > 150:
            raise TimeoutError

    objective.evaluations = 0
    with pytest.raises(TimeoutError):
        adaptive_slice(objective, x, y, progress=cancel)
    assert 150 < objective.evaluations < 400


def test_the_same_seed_gives_the_same_picture() -> None:
    first, again, other = (both(*FORMULAS["waves"], seed=seed)[1] for seed in (1, 1, 2))
    assert first == again
    assert first.exact != other.exact


@pytest.mark.parametrize(("name", "value"), [("tolerance", 0.0), ("share", 1.5), ("share", -1.0)])
def test_shares_are_shares(name: str, value: float) -> None:
    with pytest.raises(ObjectiveError, match=f"Expected a {name} above 0 and at most 1"):
        both(*FORMULAS["plane"], **{name: value})
