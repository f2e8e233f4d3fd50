"""Paths that are there and carry nothing, and a loss that is a leaf: trained and diagnosed."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import chainrule
from chainrule.records import Finding


class Net(nn.Module):
    def __init__(self, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 1)
        self.between = between

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.between(self.first(x)))


def findings(
    folder: Path, between: Callable[[Tensor], Tensor], made: Callable[[Tensor], Tensor]
) -> tuple[Finding, ...]:
    torch.manual_seed(0)
    net, x = Net(between), torch.randn(32, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with chainrule.watch(folder=folder) as run:
        for _ in range(60):
            optimizer.zero_grad()
            made((net(x) - x.sum(1, keepdim=True)).pow(2).mean()).backward()
            optimizer.step()
        return run.findings()


def as_it_is(loss: Tensor) -> Tensor:
    return loss


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("round", lambda z: torch.round(z * 2) / 2),
        ("floor", torch.floor),
        ("ceil", torch.ceil),
        ("trunc", torch.trunc),
        ("sign", torch.sign),
        ("sgn", torch.sgn),
        ("div", lambda z: torch.div(z, 0.5, rounding_mode="floor")),
    ],
)
def test_a_step_function_on_every_path_is_named(
    name: str, function: Callable[[Tensor], Tensor], tmp_path: Path
) -> None:
    first = findings(tmp_path, function, as_it_is)[0]
    assert (first.fault, first.severity) == ("no-gradient", "error")
    assert first.where.operation == name
    assert first.where.source.startswith("test_no_gradient_level.py:")
    assert first.evidence["unreached_parameters"].value == 2


@pytest.mark.parametrize(
    "function",
    [
        lambda z: z + (torch.round(z) - z).detach(),  # straight through
        lambda z: torch.round(z) + 0.1 * z,  # another path
        lambda z: torch.div(z, 0.5, rounding_mode=None),
    ],
)
def test_one_that_is_passed_by_is_none(
    function: Callable[[Tensor], Tensor], tmp_path: Path
) -> None:
    faults = {f.fault for f in findings(tmp_path, function, as_it_is)}
    assert "no-gradient" not in faults


def test_a_loss_that_is_a_leaf_leads_to_no_parameter(tmp_path: Path) -> None:
    (finding,) = findings(
        tmp_path, torch.tanh, lambda loss: torch.tensor(loss.item(), requires_grad=True)
    )
    assert (finding.fault, finding.severity) == ("no-gradient", "error")
    assert finding.where.operation == "item"
    assert finding.evidence["passes_seen"].value > 2
    assert finding.evidence["unreached_share"].value == 1
