"""Two mistakes in one training, either of which makes the symptom: both told, and what decides."""

from pathlib import Path

import pytest
import torch.nn.functional as F
from torch import nn, optim
from training import blobs, verdict

from chainrule.records import Finding


def trained(folder: Path, *, size: float, deviation: float) -> tuple[Finding, ...]:
    """A tanh net on inputs of a size, with weights of a deviation; 0 leaves those of PyTorch."""
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3))
    for weight in (p for p in net.parameters() if p.dim() == 2 and deviation):
        nn.init.normal_(weight, std=deviation)
    optimizer = optim.SGD(net.parameters(), lr=0.01)
    return verdict(folder, lambda: F.cross_entropy(net(x * size), y), optimizer, 100)


def test_of_two_causes_that_fit_neither_is_chosen_and_the_change_that_decides_is_named(
    tmp_path: Path,
) -> None:
    first, second = trained(tmp_path, size=100, deviation=1.0)
    assert {first.fault, second.fault} == {"unscaled-input", "badly-scaled-initialization"}
    (link,) = first.links
    assert link.fault == "saturated-units"
    assert link.because.startswith("Either unscaled-input (input rms 12")
    assert "or badly-scaled-initialization (largest gain" in link.because
    assert "To decide, standardise the input, run the script again" in link.because
    assert "if so it is badly-scaled-initialization, if not unscaled-input." in link.because


@pytest.mark.parametrize(
    ("size", "deviation", "faults", "symptom"),
    [
        (1, 1.0, ["badly-scaled-initialization"], ["saturated-units"]),  # the one that decides
        (100, 0.0, ["unscaled-input"], ["saturated-units"]),
        (1, 0.0, ["healthy"], []),
    ],
)
def test_the_change_decides(
    size: float, deviation: float, faults: list[str], symptom: list[str], tmp_path: Path
) -> None:
    found = trained(tmp_path, size=size, deviation=deviation)
    assert [f.fault for f in found] == faults
    assert [link.fault for link in found[0].links] == symptom
    assert all("Either" not in link.because for link in found[0].links)
