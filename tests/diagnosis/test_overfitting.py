"""Overfitting: the loss on other data turns and stays up, while that of the steps falls on."""

import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from script_verdict import findings_of
from synthetic import case, falling

from chainrule.diagnosis.faults import overfitting
from chainrule.records import Event, Finding

STEPS = 400


def turned(to: float, noise: float = 0.02, lowest: float = 0.8, seed: int = 0) -> dict[int, float]:
    """Forty evaluations that fall from 2.2 to the lowest in the first quarter, then rise."""
    chance = random.Random(seed)
    values = [2.2 + (lowest - 2.2) * i / 10 for i in range(10)]
    values += [lowest + (to - lowest) * i / 29 for i in range(30)]
    return {10 * (i + 1): v + chance.gauss(0, noise) for i, v in enumerate(values)}


def check(validation: dict[int, float], losses: Sequence[float] = ()) -> list[Finding]:
    fell = [2.3 * math.exp(-i / 60) + 0.02 * math.sin(2.4 * i) for i in range(STEPS)]
    event = Event(0, "evaluation", "", {"series": "validation_loss", "source": "train.py:40"})
    return overfitting.check(
        case(losses or fell, validation={"validation_loss": validation}, events=(event,))
    )


def test_a_loss_that_turned_is_found_with_its_best_step() -> None:
    (finding,) = check(turned(1.6))
    assert finding.severity == "warning"
    assert finding.where.source == "train.py:40"
    assert 90 <= finding.evidence["best_step"].value <= 140
    assert finding.evidence["best_validation_loss"].value == pytest.approx(0.8, abs=0.06)
    assert finding.evidence["late_median"].value == pytest.approx(1.47, abs=0.06)
    assert finding.evidence["share_lost"].value == pytest.approx(0.45, abs=0.05)
    assert finding.steps == (finding.evidence["best_step"].value, STEPS - 1)
    assert "train.py:40" in finding.explanation


@pytest.mark.parametrize(
    ("after", "severity"),
    [
        (0.9, "note"),  # a test loss as low as the best: those weights were loaded again
        (1.5, "warning"),  # that of the last weights
    ],
)
def test_who_went_back_to_the_best_weights_is_not_warned(after: float, severity: str) -> None:
    fell = [2.3 * math.exp(-i / 60) + 0.02 * math.sin(2.4 * i) for i in range(STEPS)]
    series = {"validation_loss": turned(1.6), "validation_loss/1": {STEPS: after}}
    (finding,) = overfitting.check(case(fell, validation=series))
    assert finding.severity == severity
    assert ("gone back to its best weights" in finding.explanation) == (severity == "note")
    series["validation_loss/1"] = {100: 0.9, STEPS: 1.6}  # it was evaluated on the way as well
    (finding,) = overfitting.check(case(fell, validation=series))
    assert finding.severity == "warning"


def test_the_share_that_was_lost_again_is_a_note_or_a_warning() -> None:
    severities = {to: [f.severity for f in check(turned(to, 0.005))] for to in (0.82, 0.87, 1.05)}
    assert severities == {0.82: [], 0.87: ["note"], 1.05: ["warning"]}


@pytest.mark.parametrize("seed", range(20))
def test_a_loss_that_stays_where_it_came_to_is_no_fault(seed: int) -> None:
    assert check(turned(0.8, noise=0.1, seed=seed)) == []


def test_one_bad_evaluation_is_no_fault() -> None:
    for at in (400, 390, 300):
        level = turned(0.8, 0.005)
        level[at] = 2.0
        assert check(level) == []


def test_a_training_loss_that_rises_with_it_is_another_fault() -> None:
    assert check(turned(1.6), falling(STEPS, 4.0)) == []
    assert check(turned(1.6), [1.0 + 0.1 * math.sin(2.4 * i) for i in range(STEPS)]) == []


def test_training_that_has_arrived_at_nothing_counts_as_fallen() -> None:
    losses = [2.0 * math.exp(-i / 20) for i in range(150)] + [1e-3] * 250
    (finding,) = check(turned(1.6), losses)
    assert "training_ratio" in finding.evidence or "training_slope" in finding.evidence


def test_the_loss_before_training_is_what_a_loss_has_come_down_from() -> None:
    late = {50 + 50 * i: v for i, v in enumerate([0.30, 0.26, 0.25, 0.26, 0.27, 0.275, 0.28, 0.28])}
    losses = [2.3 * math.exp(-i / 25) + 0.01 for i in range(STEPS + 50)]
    assert check(late, losses) == []  # 0.03 of a fall of 2: seen from the start, nothing


@pytest.mark.parametrize(
    "validation",
    [
        {},
        {10: 1.0},
        {10 * i: 0.0 for i in range(1, 20)},
        {10 * i: math.nan for i in range(1, 20)},
        turned(1.6) | {390: math.inf},
    ],
    ids=["none", "one", "zeros", "NaN", "infinite"],
)
def test_what_cannot_be_judged_is_not(validation: dict[int, float]) -> None:
    assert check(validation) == []
    assert overfitting.check(case([])) == []


def test_of_several_sets_the_worst_is_told() -> None:
    losses = [2.3 * math.exp(-i / 60) for i in range(STEPS)]
    series = {
        "validation_loss": turned(0.2, lowest=0.8),  # the training data: it falls on
        "validation_loss/1": turned(1.2),
        "validation_loss/2": turned(1.6),
    }
    (finding,) = overfitting.check(case(losses, validation=series, events=()))
    assert finding.evidence["best_step"].rows == "series validation_loss/2"


TRAIN = """
import sys

import torch
from torch import nn

torch.manual_seed(0)
n = int(sys.argv[1])
x, held, rule = torch.randn(n, 20), torch.randn(400, 20), torch.randn(20)
y = (x @ rule + 4 * torch.randn(n) > 0).float()
held_y = (held @ rule + 4 * torch.randn(400) > 0).float()
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=float(sys.argv[2]))
for step in range(200):
    loss = criterion(model(x).squeeze(1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 4:
        model.eval()
        with torch.no_grad():
            print(criterion(model(held).squeeze(1), held_y).item())
        model.train()
"""


def verdict_of(folder: Path, *arguments: str) -> list[tuple[str, str, str]]:
    """Fault, severity and source of each finding of a training in a process of its own."""
    found = findings_of(TRAIN, folder, *arguments)
    return [(f["fault"], f["severity"], f["where"]["source"]) for f in found]


def test_forty_examples_are_learned_by_heart_and_four_thousand_are_not(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    assert ("overfitting", "warning", "train.py:22") in verdict_of(few, "40", "1e-2")
    assert [fault for fault, _, _ in verdict_of(many, "4000", "1e-3")] == ["healthy"]
