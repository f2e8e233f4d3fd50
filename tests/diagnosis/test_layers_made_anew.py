"""Layers that are other tensors at every step, made in `forward`, and what looks like them."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import blobs, faults

import chainrule
from chainrule.records import Finding

Step = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


class Forgetful(nn.Module):
    """Makes a part of itself in forward."""

    def __init__(self, make: Callable[[], nn.Module], width: int = 16) -> None:
        super().__init__()
        self.make = [make]
        self.out = nn.Linear(width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.out(self.make[0]()(x).flatten(1))
        return out


def findings(folder: Path, model: nn.Module, step: Step, steps: int = 40) -> tuple[Finding, ...]:
    x, y = blobs()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    with chainrule.watch(folder=folder, every=2) as run:
        for i in range(steps):
            some = slice(32 * (i % 8), 32 * (i % 8) + 32)
            optimizer.zero_grad()
            step(model, x[some], y[some]).backward()
            optimizer.step()
    return chainrule.diagnose(run)


def plain(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(model(x), y)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(8, 16),
        lambda: nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 16)),
        lambda: nn.Sequential(nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 2, 1)),
    ],
)
def test_a_layer_made_in_forward_is_held_by_no_optimizer(
    tmp_path: Path, make: Callable[[], nn.Module]
) -> None:
    found = findings(tmp_path, Forgetful(make), plain)
    assert found[0].fault == "not-optimized"
    assert found[0].severity == "error"
    assert "made anew at every step" in found[0].title
    assert found[0].where.source.startswith("test_layers_made_anew.py:")
    assert "__init__" in found[0].remedies[0].change


def perturbed(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A leaf of its own each time, which is an input and no layer (Goodfellow et al. 2015)."""
    other = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(F.cross_entropy(model(other), y), other)
    return F.cross_entropy(model(x), y) + F.cross_entropy(model(x + 0.1 * slope.sign()), y)


def of_a_copy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """First-order meta-learning: a copy is trained, and the model follows its gradient."""
    clone = copy.deepcopy(model)
    F.cross_entropy(clone(x), y).backward()
    with torch.no_grad():
        for p in clone.parameters():
            if p.grad is not None:
                p.sub_(0.1 * p.grad)
            p.grad = None
    F.cross_entropy(clone(x), y).backward()
    held = list(zip(clone.parameters(), model.parameters(), strict=True))
    return sum(((p.grad * q).sum() for p, q in held if p.grad is not None), torch.zeros(()))


def frozen(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A fresh projection at each step, at rest: a random augmentation."""
    noise = nn.Linear(8, 8).requires_grad_(False)
    return F.cross_entropy(model(x + 0.05 * noise(x)), y)


@pytest.mark.parametrize("step", [perturbed, of_a_copy, frozen])
def test_leaves_of_a_step_that_are_meant_to_go_are_no_fault(tmp_path: Path, step: Step) -> None:
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    assert "not-optimized" not in faults(findings(tmp_path, model, step))
