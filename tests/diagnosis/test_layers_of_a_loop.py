"""Layers that one line calls in turn, and factors between a product and its activation."""

import math
from itertools import count
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import blobs, faults, verdict


class Looped(nn.Module):
    """The activation of all hidden layers is one line."""

    def __init__(self, width: int = 24, depth: int = 2) -> None:
        super().__init__()
        sizes = [8, *[width] * depth]
        self.hidden = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))
        self.out = nn.Linear(width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.hidden:
            x = layer(x).relu()
        out: torch.Tensor = self.out(x)
        return out


@pytest.mark.parametrize("dead", [0, 1])
def test_a_dead_layer_is_found_though_another_one_of_its_line_lives(
    tmp_path: Path, dead: int
) -> None:
    x, y = blobs()
    model = Looped()
    layer = model.hidden[dead]
    assert isinstance(layer, nn.Linear)
    nn.init.constant_(layer.bias, -100.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    found = verdict(tmp_path, lambda: F.cross_entropy(model(x), y), optimizer)
    assert found[0].fault == "dead-units"
    assert found[0].evidence["dead_share"].value == 1
    assert "vanishing-gradient" not in faults(found)


def test_a_recurrent_layer_is_one(tmp_path: Path) -> None:
    x, y = blobs()
    cell, out = nn.RNNCell(2, 24, nonlinearity="relu"), nn.Linear(24, 3)

    def loss() -> torch.Tensor:
        state = torch.zeros(len(x), 24)
        for piece in x.split(2, 1):
            state = cell(piece, state)
        return F.cross_entropy(out(state), y)

    optimizer = torch.optim.Adam([*cell.parameters(), *out.parameters()], lr=1e-2)
    assert faults(verdict(tmp_path, loss, optimizer))[0] == "healthy"


class Sine(nn.Module):
    def __init__(self, inputs: int, outputs: int, omega: float, bound: float) -> None:
        super().__init__()
        self.linear, self.omega = nn.Linear(inputs, outputs), omega
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.omega * self.linear(x))


@pytest.mark.parametrize(
    ("omega", "inner", "named"),
    [
        (30.0, math.sqrt(6 / 32), True),  # not divided by ω (Sitzmann et al. 2020, theorem 1.8)
        (30.0, math.sqrt(6 / 32) / 30, False),
    ],
)
def test_a_constant_that_enlarges_a_product_is_part_of_its_weights(
    tmp_path: Path, omega: float, inner: float, named: bool
) -> None:
    torch.manual_seed(0)
    at = torch.rand(1024, 2) * 2 - 1
    wanted = torch.sin(3 * at.sum(1, keepdim=True)) + 0.5 * torch.cos(5 * at[:, :1])
    wanted = (wanted - wanted.mean()) / wanted.std()
    hidden = [Sine(32, 32, omega, inner) for _ in range(3)]
    model = nn.Sequential(Sine(2, 32, omega, 0.5), *hidden, nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    steps = count()

    def loss() -> torch.Tensor:
        torch.manual_seed(next(steps))
        some = torch.randint(1024, (256,))
        return F.mse_loss(model(at[some]), wanted[some])

    found = verdict(tmp_path, loss, optimizer, steps=150)
    assert (found[0].fault == "badly-scaled-initialization") == named
    assert "saddle" not in faults(found)
