"""Data that come class after class, and what looks like them."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import blobs

import chainrule
from chainrule.records import Finding


def findings(
    folder: Path, order: torch.Tensor, batch: int, epochs: int, rate: float = 0.3
) -> tuple[Finding, ...]:
    x, y = blobs(480)
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    with chainrule.watch(folder=folder, every=5) as run:
        for _ in range(epochs):
            for i in order.split(batch):
                optimizer.zero_grad()
                F.cross_entropy(model(x[i]), y[i]).backward()
                optimizer.step()
    return chainrule.diagnose(run)


def by_class() -> torch.Tensor:
    return blobs(480)[1].argsort(stable=True)


@pytest.mark.parametrize(("batch", "rate"), [(16, 0.1), (40, 0.3), (8, 0.05)])
def test_sorted_data_are_named_before_the_steps(tmp_path: Path, batch: int, rate: float) -> None:
    first = findings(tmp_path, by_class(), batch, 12, rate)[0]
    assert first.fault == "oscillating-loss"
    assert "one class" in first.title
    assert "shuffle=True" in first.remedies[0].change
    assert first.evidence["batches_of_one_class"].value >= 0.75


@pytest.mark.parametrize(
    ("order", "batch", "epochs"),
    [
        (torch.randperm(480, generator=torch.Generator().manual_seed(1)), 16, 12),  # shuffled
        (by_class(), 16, 1),  # class by class, once: a stream, or tasks one after the other
        (by_class()[:96], 16, 30),  # of one class alone
        (by_class().view(3, -1).T.reshape(-1), 16, 12),  # sorted, and dealt out in turns
    ],
)
def test_other_orders_are_no_fault(
    tmp_path: Path, order: torch.Tensor, batch: int, epochs: int
) -> None:
    found = findings(tmp_path, order, batch, epochs, 0.05)
    assert "oscillating-loss" not in [f.fault for f in found]
