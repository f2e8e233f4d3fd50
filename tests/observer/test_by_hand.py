"""Steps that the script makes itself, without an optimizer, in the ways people write them."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from watching import observed

STEPS, RATE = 12, 0.1
Weights = list[Tensor]


def data() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(32, 4, generator=generator)
    return x, x[:, :1] - 2 * x[:, 1:2]


def fresh() -> Weights:
    generator = torch.Generator().manual_seed(1)
    shapes = [(4, 6), (6,), (6, 1), (1,)]
    return [torch.randn(s, generator=generator).mul_(0.5).requires_grad_() for s in shapes]


def loss_of(weights: Weights) -> Tensor:
    x, y = data()
    w1, b1, w2, b2 = weights
    return F.mse_loss(torch.tanh(x @ w1 + b1) @ w2 + b2, y)


def in_place() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        loss.backward()
        with torch.no_grad():
            for w in weights:
                assert w.grad is not None
                w -= RATE * w.grad
                w.grad.zero_()
        losses.append(loss.item())
    return losses


def a_block_each() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        loss.backward()
        for w in weights:
            with torch.no_grad():
                w.sub_(RATE * (w.grad if w.grad is not None else 0.0))
            w.grad = None
        losses.append(loss.item())
    return losses


def two_blocks() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w *= 0.999
        with torch.no_grad():
            for w in weights:
                w -= RATE * (w.grad if w.grad is not None else 0.0)
                w.grad = None
        losses.append(loss.item())
    return losses


def through_data() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        loss.backward()
        for w in weights:
            assert w.grad is not None
            w.data -= RATE * w.grad.data
            w.grad.data.zero_()
        losses.append(loss.item())
    return losses


def gradients_asked_for() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for w, g in zip(weights, gradients, strict=True):
                w -= RATE * g
        losses.append(loss.item())
    return losses


def anew() -> list[float]:
    weights, losses = fresh(), []
    for _ in range(STEPS):
        loss = loss_of(weights)
        gradients = torch.autograd.grad(loss, weights)
        pairs = zip(weights, gradients, strict=True)
        weights = [(w - RATE * g).detach().requires_grad_() for w, g in pairs]
        losses.append(loss.item())
    return losses


WAYS = [in_place, a_block_each, two_blocks, through_data, gradients_asked_for, anew]


@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_seen_step_by_step(way: Callable[[], list[float]], every: int) -> None:
    with observed(every, captures=0) as writer:
        losses = way()
    seen = [(step, value) for name, step, value in writer.points if name == "loss"]
    # weights that are made anew are seen in the next graph: there is none after the last step
    made = STEPS - 1 if way is anew else STEPS
    assert [value for _, value in seen] == pytest.approx(losses[:made])
    assert [step for step, _ in seen] == list(range(made))
    assert [outline.kind for outline in writer.optimizers.values()] == ["updates by hand"]
    assert [s.step for s in writer.samples] == list(range(0, made, every))
    assert len(writer.parameters) == 4
    assert all(p.optimizers == (0,) for p in writer.parameters.values())
    assert not any(p.without_gradient for p in writer.parameters.values())


@pytest.mark.parametrize("way", WAYS)
def test_the_measured_update_is_the_rate_times_the_gradient(
    way: Callable[[], list[float]],
) -> None:
    with observed(1) as writer:
        way()
    decayed = 0.001 if way is two_blocks else 0.0
    for sample in writer.samples:
        assert len(sample.parameters) == 4
        for p in sample.parameters:
            assert p.gradient_norm is not None
            slack = decayed * p.weight_norm + 1e-6
            assert p.update_norm == pytest.approx(RATE * p.gradient_norm, rel=1e-3, abs=slack)


def test_names_are_those_of_variables() -> None:
    with observed(1) as writer:
        w = torch.ones(3, requires_grad=True)
        for _ in range(3):
            (w * w).sum().backward()
            with torch.no_grad():
                w -= 0.1 * (w.grad if w.grad is not None else 0.0)
            w.grad = None
    assert [p.name for p in writer.parameters.values()] == ["w"]


class Cut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Linear(4, 4)
        self.used = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        used: Tensor = self.used(self.cut(x).detach())
        return used


def test_of_a_module_what_its_loop_passes_by_counts_as_trained() -> None:
    torch.manual_seed(0)
    net = Cut()
    x, y = data()
    with observed(1) as writer:
        for _ in range(5):
            loss = F.mse_loss(net(x), y)
            loss.backward()
            with torch.no_grad():
                for p in net.parameters():
                    if p.grad is not None:
                        p -= RATE * p.grad
                        p.grad = None
    found = {p.name: p for p in writer.parameters.values()}
    assert found["cut.weight"].optimizers == (0,)
    assert found["cut.weight"].without_gradient
    assert not found["used.weight"].without_gradient


def test_several_passes_before_one_update_are_one_step() -> None:
    weights = fresh()
    with observed(1) as writer:
        for _ in range(4):
            for _ in range(3):
                (loss_of(weights) / 3).backward()
            with torch.no_grad():
                for w in weights:
                    w -= RATE * (w.grad if w.grad is not None else 0.0)
                    w.grad = None
    assert len(writer.samples) == 4
    assert [len(s.backward_passes) for s in writer.samples] == [3, 3, 3, 3]


def test_measuring_alone_is_no_step() -> None:
    weights = fresh()
    with observed(1) as writer:
        for _ in range(5):
            loss_of(weights).backward()
    assert not writer.optimizers
    assert len(writer.samples) == 1


def test_an_optimizer_in_sight_makes_its_own_steps() -> None:
    """Weights that are set before the first step, as some initialisations do, are no step."""
    weights = fresh()
    optimizer = torch.optim.SGD(weights, RATE)
    with observed(1) as writer:
        for i in range(5):
            optimizer.zero_grad()
            loss_of(weights).backward()
            if i == 0:
                with torch.no_grad():
                    weights[0].mul_(0.5)
                continue
            optimizer.step()
    assert [outline.kind for outline in writer.optimizers.values()] == ["SGD"]
    assert len(writer.samples) == 4
