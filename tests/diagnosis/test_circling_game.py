"""Two players that go round each other, and pairs of optimizers that do not."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn
from training import faults

import chainrule
from chainrule.diagnosis.case import Case
from chainrule.diagnosis.circling_game import _swing, circling_game
from chainrule.store import open_run


def game(folder: Path, penalty: float, steps: int = 400) -> Path:
    """A linear critic and a generator that shifts noise: with a penalty the critic's loss bends."""
    torch.manual_seed(0)
    shift, critic = nn.Parameter(torch.zeros(2)), nn.Linear(2, 1)
    mine, theirs = torch.optim.SGD([shift], 0.1), torch.optim.SGD(critic.parameters(), 0.1)
    with chainrule.watch(folder=folder, every=20) as run:
        for _ in range(steps):
            real = torch.tensor([2.0, -1.0]) + 0.3 * torch.randn(32, 2)
            fake = shift + 0.3 * torch.randn(32, 2)
            loss = critic(fake.detach()).mean() - critic(real).mean()
            loss = loss + penalty * critic.weight.square().sum()
            theirs.zero_grad()
            loss.backward()
            theirs.step()
            score = -critic(shift + 0.3 * torch.randn(32, 2)).mean()
            mine.zero_grad()
            score.backward()
            mine.step()
    return run.path


def test_the_players_of_a_bilinear_game_go_round_each_other(tmp_path: Path) -> None:
    file = game(tmp_path, penalty=0.0)
    (found,) = chainrule.diagnose(file)
    assert found.fault == "oscillating-loss"
    # the angle of a step is η = 0.1, as ∂²L/∂θ∂φ = 1: a turn takes 2π/η steps
    assert found.evidence["period"].value == pytest.approx(2 * math.pi / 0.1, abs=4)
    assert found.evidence["best_multiple"].value > found.evidence["period"].value
    with open_run(file) as reader:
        case = Case(reader)
    case.rates = {}  # not recorded if they are tensors on a device
    (told,) = circling_game(case)
    assert told.title == found.title


def test_with_a_penalty_they_meet(tmp_path: Path) -> None:
    assert faults(chainrule.diagnose(game(tmp_path, penalty=0.5))) == ["healthy"]


def wave(i: int) -> float:
    return math.sin(i / 5)


@pytest.mark.parametrize(
    ("losses", "period"),
    [
        ([wave(i) for i in range(400)], 31),
        ([2 * wave(i) + wave(2 * i) for i in range(400)], 31),  # θ·φ beside θ
        ([wave(i / 20) for i in range(20 * 400)], 628),  # compared in blocks
        ([wave(i) * 0.99**i for i in range(400)], None),  # it dies away
        ([wave(i / 4) for i in range(400)], None),  # fewer than three turns
        ([(-1.0) ** i for i in range(400)], None),  # from step to step
        ([1.0] * 400, None),
        ([1e-200 * wave(i) for i in range(400)], None),  # its square is 0
        ([-0.01 * i for i in range(400)], None),
        ([1.0, math.nan] * 200, None),
        ([1.0], None),
    ],
)
def test_a_swing_has_a_period(losses: list[float], period: int | None) -> None:
    swing = _swing(losses)
    assert (swing is None) == (period is None)
    if swing is not None:
        assert swing.period == pytest.approx(period, rel=0.03)


def test_noise_has_none() -> None:
    torch.manual_seed(0)
    for _ in range(50):
        noise = torch.randn(400)
        assert _swing(noise.tolist()) is None
        assert _swing(noise.cumsum(0).tolist()) is None  # a random walk
