"""What was missing where nothing can be said."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from passes import compared, forward
from synthetic import case, falling, scan
from torch import nn
from training import blobs

import chainrule
from chainrule.diagnosis.faults import cannot_tell
from chainrule.records import Event, OptimizerOutline, ParameterSample, StepSample, Values
from chainrule.records.graph import BackwardPass

REFUSED = Event(4, "capture", "Step 4 could not be done again: its loss came out as 2.31.")


def sampled(step: int) -> StepSample:
    """A step with a weight that moved, and a backward pass."""
    moved = ParameterSample(parameter=0, gradient_norm=1.0, weight_norm=1.0, update_norm=0.1)
    passed = BackwardPass(
        step=step,
        index=0,
        graph=9,
        loss=2.3,
        scale=1.0,
        seed_norm=1.0,
        accumulates=True,
        node_norms=(),
        edge_norms=(),
        numels=(),
        activations=(),
    )
    return StepSample(
        step=step,
        optimizer=0,
        time_s=0.0,
        overhead_s=0.0,
        parameters=(moved,),
        backward_passes=(passed,),
    )


SAMPLES = [sampled(step) for step in range(4)]


@pytest.mark.parametrize("end", [2.3, 2.1])
def test_a_loss_that_does_not_fall_and_no_step_done_again(end: float) -> None:
    run = case([2.3] * 50 + [end] * 50, samples=SAMPLES, events=(REFUSED,))
    (finding,) = cannot_tell.check(run)
    assert finding.severity == "note"
    assert REFUSED.text in finding.explanation


def test_a_loss_that_falls_needs_no_step_done_again() -> None:
    assert not cannot_tell.check(case([2.3] * 50 + [2.0] * 50, samples=SAMPLES, events=(REFUSED,)))


def test_one_step_done_again_is_enough() -> None:
    run = case([2.3] * 100, [scan(3, 1.0)], samples=SAMPLES, events=(REFUSED,))
    assert not cannot_tell.check(run)


def test_where_no_step_was_refused_nothing_was_missing() -> None:
    assert not cannot_tell.check(case([2.3] * 100, samples=SAMPLES))


def test_a_long_run_that_learned_nothing_is_not_called_healthy() -> None:
    (finding,) = cannot_tell.check(case([2.3] * 300, samples=SAMPLES))
    assert finding.severity == "note"
    assert finding.title.startswith("nothing was learned in 300 steps")
    assert not cannot_tell.check(case([2.3] * 150 + [2.0] * 150, samples=SAMPLES))


def test_two_optimizers_that_work_against_each_other_need_not_lower_a_loss() -> None:
    two = tuple(OptimizerOutline(index=i, kind="Adam", hyperparameters={}) for i in range(2))
    run = case([2.3] * 100, samples=SAMPLES, events=(REFUSED,))
    run.optimizers = two
    assert not cannot_tell.check(run)


def test_a_run_without_a_loss_says_so(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    with chainrule.watch(folder=tmp_path, every=2) as run:
        for _ in range(20):
            optimizer.zero_grad()
            losses = F.cross_entropy(net(x), y, reduction="none")
            losses.backward(torch.full_like(losses, 1 / len(losses)))
            optimizer.step()
    (finding,) = chainrule.diagnose(run)
    assert finding.fault == "cannot-tell"
    assert "saw no loss" in finding.title


@pytest.mark.parametrize(
    ("losses", "step"),
    [
        ([*falling(150, 0.05, first=2.3, noise=0.0), 243.0, *[2.31] * 249], 149),
        ([2.3] * 100 + [0.4] * 50 + [2.3] * 250, 149),
        ([2.3, 0.1] * 10 + [2.3] * 300, None),  # easy batches are no learning
        ([2.3] * 100 + [1.3] * 50 + [2.3] * 250, None),  # never halved
        ([2.3] * 150 + [0.4] * 250, None),  # not lost: nothing is missing
    ],
)
def test_what_was_learned_and_lost_is_told_with_the_step(
    losses: list[float], step: int | None
) -> None:
    found = cannot_tell.check(case(losses, samples=SAMPLES))
    lost = [f for f in found if "lost_after" in f.evidence]
    assert [f.evidence["lost_after"].value for f in lost] == ([] if step is None else [step])
    if lost:
        assert lost[0].title.startswith(f"what had been learned was lost after step {step}")
        assert "--every all" in lost[0].remedies[0].change


@pytest.mark.parametrize("measured", [False, True])
def test_a_step_is_said_not_to_be_measured_only_if_it_was_not(measured: bool) -> None:
    losses = [2.3] * 100 + [0.4] * 50 + [2.3] * 250
    run = case(losses, samples=[*SAMPLES, sampled(149)] if measured else SAMPLES)
    (found,) = cannot_tell.check(run)
    assert ("That step was measured" in found.explanation) is measured
    assert ("not among those that were measured" in found.explanation) is not measured
    assert ("--every all" in found.remedies[0].change) is not measured


def test_half_of_what_can_be_gained_is_counted_from_what_no_answer_gets_below() -> None:
    # targets of 0.2 and 0.8: a constant answer has ln 2 = 0.69, and no answer gets below 0.44
    shares = Values(shape=(64,), dtype="float32", minimum=0.2, maximum=0.8, mean=0.5, rms=0.34**0.5)
    said = Values(shape=(64,), dtype="float32", trained=True)
    call = compared("binary_cross_entropy", said, shares)
    call = replace(call, made=replace(call.made, mean=0.7), reduction="mean")
    run = case(
        [0.7] * 100 + [0.5] * 50 + [0.7] * 250,
        samples=SAMPLES,
        forward_passes=[forward(call, step=0)],
    )
    (found,) = cannot_tell.check(run)
    assert found.evidence["lost_after"].value == 149
