"""Weights that a line of the script shrinks after each step: too much, and as they should be."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training import blobs, faults

import chainrule

Shrink = Callable[[Tensor], Tensor]
MakeOptimizer = Callable[..., torch.optim.Optimizer]
RATE = 0.1


def threshold(amount: float) -> Shrink:
    return lambda w: w.sign() * (w.abs() - amount).clamp(min=0)


def times(factor: float) -> Shrink:
    return lambda w: w * factor


def held_below(most: float) -> Shrink:
    return lambda w: w.renorm(2, 0, most)


def trained(folder: Path, shrink: Shrink, optimizer: MakeOptimizer | None) -> str:
    """The fault that is named first of a run whose weights are shrunk after each step."""
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    rate = RATE if optimizer is not torch.optim.Adam else RATE / 10
    steps = None if optimizer is None else optimizer(net.parameters(), lr=rate)
    with chainrule.watch(folder=folder, every=10) as run:
        for _ in range(60):
            loss = F.cross_entropy(net(x), y)
            if steps is not None:
                steps.zero_grad()
                loss.backward()
                steps.step()
            else:
                gradients = torch.autograd.grad(loss, list(net.parameters()))
                with torch.no_grad():
                    for p, g in zip(net.parameters(), gradients, strict=True):
                        p -= RATE * g
            with torch.no_grad():
                for p in net.parameters():
                    if p.dim() > 1:
                        p.copy_(shrink(p))
    return faults(chainrule.diagnose(run))[0]


@pytest.mark.parametrize(
    ("shrink", "optimizer"),
    [
        (threshold(0.05), None),
        (threshold(0.05), torch.optim.SGD),
        (threshold(0.05), torch.optim.Adam),
        (times(0.5), torch.optim.SGD),
        (times(0.7), torch.optim.Adam),
    ],
)
def test_weights_that_are_shrunk_too_much(
    tmp_path: Path, shrink: Shrink, optimizer: MakeOptimizer | None
) -> None:
    assert trained(tmp_path, shrink, optimizer) == "weight-decay-too-strong"


@pytest.mark.parametrize(
    ("shrink", "optimizer"),
    [
        (threshold(0.05 * RATE / 10), None),
        (threshold(0.05 * RATE / 10), torch.optim.SGD),
        (times(1 - 1e-3), torch.optim.Adam),
        (held_below(1.0), torch.optim.SGD),
        (held_below(0.2), torch.optim.Adam),
    ],
)
def test_weights_that_are_shrunk_and_learn(
    tmp_path: Path, shrink: Shrink, optimizer: MakeOptimizer | None
) -> None:
    assert trained(tmp_path, shrink, optimizer) == "healthy"
