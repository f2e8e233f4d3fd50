"""One step that is as long as the weights: whose doing it was, and what it left behind."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from synthetic import case, classified, falling
from training import verdict

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.long_steps import long_steps
from chainrule.records import (
    Evidence,
    Finding,
    OptimizerOutline,
    ParameterSample,
    Place,
    Severity,
)

STEPS = 40
Optimizer = Callable[..., torch.optim.Optimizer]


class Recurrent(torch.nn.Module):
    """h ← relu(Wx + Uh), 14 times, with U = `scale` times the identity."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inward = torch.nn.Linear(3, 16)
        self.recurrent = torch.nn.Parameter(scale * torch.eye(16))
        self.outward = torch.nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.zeros(len(x), 16)
        for t in range(x.shape[1]):
            h = torch.relu(self.inward(x[:, t]) + h @ self.recurrent)
        return self.outward(h)


def trained(
    folder: Path, scale: float, kind: Optimizer, rate: float, clip: float = 0.0
) -> tuple[Finding, ...]:
    net = Recurrent(scale)
    x, y = torch.rand(96, 14, 3), torch.randint(0, 4, (96,))
    optimizer = kind(net.parameters(), lr=rate)

    def clipped(*_: object) -> None:
        torch.nn.utils.clip_grad_norm_(net.parameters(), clip)

    if clip:
        optimizer.register_step_pre_hook(clipped)
    return verdict(folder, lambda: F.cross_entropy(net(x), y), optimizer, STEPS)


def test_a_gradient_that_explodes_once_is_the_root_and_the_dead_units_follow(
    tmp_path: Path,
) -> None:
    (found,) = trained(tmp_path, 1.6, torch.optim.SGD, 0.003)
    assert (found.fault, found.severity) == ("exploding-gradient", "error")
    assert [link.fault for link in found.links] == ["dead-units"]
    assert found.links[0].steps[0] > found.steps[0] == 0
    made, without = (found.evidence[f"step_{k}"] for k in ("by_growth", "without_growth"))
    growth = found.evidence["growth_in_that_step"].value
    assert made.threshold is not None
    assert without.threshold is not None
    assert made.value >= made.threshold
    assert growth >= 100
    assert without.value == pytest.approx(made.value / growth)
    assert without.value < without.threshold
    assert "Without the growth" in found.explanation


@pytest.mark.parametrize(
    ("scale", "kind", "rate", "clip"),
    [
        (1.0, torch.optim.SGD, 60.0, 0.0),  # as long a step without growth
        (1.8, torch.optim.SGD, 100.0, 0.1),  # growth, but what is used of it is clipped
        (1.8, torch.optim.Adam, 1.0, 0.0),  # growth, and a step that has its length from the rate
    ],
)
def test_a_long_step_that_growth_did_not_make_is_that_of_the_rate(
    scale: float, kind: Optimizer, rate: float, clip: float, tmp_path: Path
) -> None:
    found, *_ = trained(tmp_path, scale, kind, rate, clip)
    assert found.fault == "learning-rate-too-high"
    assert "step_by_growth" not in found.evidence


def test_growth_that_is_clipped_is_no_fault(tmp_path: Path) -> None:
    found = trained(tmp_path, 1.8, torch.optim.SGD, 0.01, clip=1.0)
    assert [f.fault for f in found if f.severity != "note"] == []


def moved(losses: Sequence[float], step: int, ratio: float, seen: bool = True) -> Case:
    """A run of which one step moved its weights by a share of their size."""
    run = case(losses, forward_passes=[classified(3, losses[3])] if seen else ())
    sample = ParameterSample(parameter=0, gradient_norm=1.0, weight_norm=1.0, update_norm=ratio)
    run.__dict__ |= {"weights": (0,), "measured": {0: [(step, sample)]}}
    return run


def found_otherwise(fault: str, step: int, severity: Severity = "error") -> Finding:
    return Finding(
        fault=fault,
        severity=severity,
        title="",
        where=Place(),
        steps=(step, 200),
        evidence={"share": Evidence(1.0)},
        explanation="",
    )


WORSE = falling(200, 2.42, first=2.35)  # a constant answer has ln 10, 2.303
LIKE_IT = falling(200, 2.33, first=2.32)  # 58 % of the last quarter are above it


@pytest.mark.parametrize(
    ("run", "named"),
    [
        (moved(WORSE, 20, 0.2), True),
        (moved(WORSE, 20, 0.09), False),  # no such step was measured
        (moved(WORSE, 0, 0.2), False),  # the first step, from small weights
        (moved(WORSE, 20, 0.2, seen=False), False),  # nothing says that it is worse
        (moved(LIKE_IT, 20, 0.2), False),  # it answers at random, not worse
        (moved(falling(200, 2.1), 20, 0.2), False),  # it learned
        (moved(WORSE[::4], 20, 0.2), False),  # too few losses to say
        (moved(LIKE_IT, 20, 0.5), True),  # half of the weights: what was there is gone
    ],
)
def test_a_step_of_a_tenth_is_too_long_where_the_run_ends_worse_than_a_constant(
    run: Case, named: bool
) -> None:
    found = long_steps(run, [])
    assert [f.fault for f in found] == ["learning-rate-too-high"] * named
    if named:
        assert found[0].steps == (20, 20)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (found_otherwise("dead-units", 21), True),
        (found_otherwise("exploding-gradient", 21), True),  # large weights are large factors
        (found_otherwise("exploding-gradient", 20), False),  # it was there in that step
        (found_otherwise("gradients-accumulate", 0), False),
        (found_otherwise("frozen-parameters", 0, "note"), True),
    ],
)
def test_what_a_long_step_does_not_make_explains_it(other: Finding, named: bool) -> None:
    assert bool(long_steps(moved(WORSE, 20, 0.7), [other])) is named


@pytest.mark.parametrize(
    ("kind", "clips"), [("SGD", True), ("Adam", False), ("RMSprop", False), ("Adagrad", False)]
)
def test_clipping_is_advised_where_steps_are_as_long_as_the_gradient(
    kind: str, clips: bool
) -> None:
    run = moved(WORSE, 20, 0.7)
    run.optimizers = (OptimizerOutline(index=0, kind=kind, hyperparameters={}),)
    (found,) = long_steps(run, [])
    assert any("clip" in remedy.change for remedy in found.remedies) is clips
    assert ("η∇L" in found.remedies[0].rationale) is clips
