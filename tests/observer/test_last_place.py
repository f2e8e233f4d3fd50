"""Where a run stood still, and why: on small runs of which that is known."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
import torch
from torch import nn

import chainrule
from chainrule.diagnosis.case import Case
from chainrule.diagnosis.faults import plateau
from chainrule.observer import probes
from chainrule.observer.dead_share import DeadShare
from chainrule.records import Activation, BackwardPass, FinalPlace, Finding

Loss = Callable[[], torch.Tensor]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said is asked here, not what a machine can answer in a second of its time."""
    monkeypatch.setattr(probes, "END_S", 60.0)


def stopped(
    folder: Path, loss: Loss, optimizer: torch.optim.Optimizer, steps: int = 64
) -> tuple[FinalPlace, list[Finding]]:
    """The place where it stood still, and what is said of it as a plateau."""
    with chainrule.watch(folder=folder, every=4) as run:
        for _ in range(steps):
            value = loss()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    with chainrule.open_run(run.path) as reader:
        place, found = reader.final_place(), plateau.check(Case(reader))
    assert place is not None
    return place, found


def facts(place: FinalPlace) -> dict[str, float]:
    return {fact.quantity: fact.value for fact in place.place.facts}


def test_a_loss_that_is_all_noise_is_at_its_noise_floor(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Linear(8, 1)
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()

    def loss() -> torch.Tensor:  # nothing to learn: the target is noise about 0
        return nn.functional.mse_loss(net(torch.randn(4096, 8)), torch.randn(4096, 1))

    place, found = stopped(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.02), steps=256)
    assert place.place.plateau == "noise-floor"
    assert facts(place)["gradient norm that noise would give"] > 0
    assert found == []


def test_steps_across_a_valley_are_seen_as_such(tmp_path: Path) -> None:
    w = nn.Parameter(torch.tensor([1.0]))
    # 2.5 w²: η = 0.4 is 2/λ, so each step lands as high on the other side
    place, _ = stopped(tmp_path, lambda: (2.5 * w**2).sum(), torch.optim.SGD([w], 0.4))
    assert (place.place.kind, place.place.certainty) == ("bouncing", "certain")
    assert facts(place)["cosine of consecutive gradients"] < -0.99
    assert 0.9 < facts(place)["sharpness over its limit"] < 1.1


def test_a_saturated_output_is_named_and_not_called_switched_off(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4), nn.Sigmoid())
    with torch.no_grad():
        net[2].bias.fill_(40.0)
    x, y = torch.randn(32, 8), torch.zeros(32, 4)
    place, (found,) = stopped(
        tmp_path,
        lambda: nn.functional.mse_loss(net(x), y),
        torch.optim.SGD(net.parameters(), 0.5),
    )
    assert facts(place)["share of dead units"] == 1
    assert (found.where.module, found.where.operation) == ("net.3", "Sigmoid")
    assert "saturated" in found.explanation and "switched off" not in found.explanation
    assert "That this is a plateau is certain" in found.explanation


def test_a_slow_run_is_on_a_slope_and_at_no_noise_floor(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Linear(8, 1)
    inputs = torch.randn(4, 64, 8)
    batches = cycle([(x, x.sum(1, keepdim=True) + 0.1 * torch.randn(64, 1)) for x in inputs])

    def loss() -> torch.Tensor:
        x, y = next(batches)
        return nn.functional.mse_loss(net(x), y)

    place, found = stopped(tmp_path, loss, torch.optim.SGD(net.parameters(), 1e-6))
    assert (place.place.kind, place.place.certainty) == ("slope", "certain")
    assert found == []


def test_units_count_as_dead_only_if_they_were_in_all_of_the_latest_samples() -> None:
    def sample(mask: int, units: int = 8, zero: float = 0.5) -> BackwardPass:
        activation = Activation(
            node=1,
            mean_derivative=0.5,
            zero_fraction=zero,
            small_fraction=zero,
            nonfinite_fraction=0.0,
            examples=32,
            units=units,
            dead_mask=bytes([mask]) if units else b"",
        )
        return BackwardPass(0, 0, 0, 1.0, 1.0, 1.0, True, (), (), (), (activation,))

    dead = DeadShare()
    assert dead.share() is None
    dead.sampled([sample(0b11110000)])
    dead.sampled([sample(0b11000011)])
    assert dead.share() == 2 / 8
    flat = DeadShare()
    flat.sampled([sample(0, units=0, zero=1.0)])
    assert flat.share() == 1
    flat.sampled([sample(0, units=0, zero=0.5)])
    assert flat.share() == 0
