"""Steps that are not measured leave nothing out, and touch little."""

import math
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from torch import nn

import chainrule
from chainrule.observer.captured import Captures
from chainrule.observer.governor import EARLY, Governor
from chainrule.observer.light_steps import STRIDE, LightSteps
from chainrule.observer.probes import Probes

STEPS = 400


def light_steps(governor: Governor) -> tuple[LightSteps, Probes]:
    nothing: Any = None  # no answers are handed on
    probes = Probes(nothing, governor, Captures(8))
    probes.saw(2.0)
    return LightSteps(governor, probes), probes


def quick() -> Governor:
    governor = Governor(0.01)
    governor.light(1e-3, 1e-5)
    return governor


def test_every_step_is_accounted_for(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = model(torch.randn(8, 4)).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        observation: Any = run.session.observation
    with chainrule.open_run(run.path) as reader:
        series, header = reader.series("loss"), reader.run()
    assert series.steps == tuple(range(STEPS))
    assert list(series.values) == losses
    assert header.steps == header.backward_passes == STEPS
    # step 0 is sampled, so that no light step goes without its duration
    assert observation.governor.lights + header.sampled_steps == STEPS


def test_most_steps_take_the_short_way(tmp_path: Path) -> None:
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x = torch.randn(8, 4)
    calls: list[int] = []

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and "/chainrule/" in frame.f_code.co_filename.replace("\\", "/"):
            calls[-1] += 1

    with chainrule.watch(folder=tmp_path, capture=0):
        for _ in range(STEPS):
            calls.append(0)
            sys.setprofile(count)
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
            sys.setprofile(None)
    late = sorted(calls[EARLY + 1 :])
    assert late[len(late) // 2] <= 21  # 32 if all were asked on each step


def test_a_loss_that_rises_is_looked_at_in_the_same_step() -> None:
    lights, _ = light_steps(quick())
    lights.plan(EARLY + 1)
    assert lights.until == EARLY + 1 + STRIDE
    lights.add(2.9, 1e-3, 1e-5)
    assert lights.until == EARLY + 1 + STRIDE
    lights.add(math.nan, 1e-3, 1e-5)  # still on its device
    assert lights.until == EARLY + 1 + STRIDE
    lights.add(3.1, 1e-3, 1e-5)
    assert lights.until == 0


def test_early_or_slow_steps_and_every_nth_are_asked_each_time() -> None:
    lights, _ = light_steps(quick())
    lights.plan(EARLY)
    assert lights.until == 0
    slow = Governor(0.01)
    slow.light(0.1, 1e-5)
    for governor in (slow, Governor(0.01), Governor(None, every=10)):
        lights, _ = light_steps(governor)
        lights.plan(1000)
        assert lights.until == 0


def test_what_waits_reaches_governor_and_probes() -> None:
    governor = quick()
    lights, probes = light_steps(governor)
    for loss in (1.0, 1.5):
        lights.add(loss, 2e-3, 1e-5)
    assert governor.lights == 1
    lights.settle()
    lights.settle()
    assert governor.lights == 3
    assert list(probes._losses) == [2.0, 1.0, 1.5]


def test_an_error_in_one_record_loses_no_more_than_those_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAINRULE_STRICT")
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with chainrule.watch(folder=tmp_path, capture=0, every=1) as run:
        observation: Any = run.session.observation
        observation.sink.due = lambda now: False  # all wait for the end
        for step in range(20):
            model(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
            if step == 10:
                observation._measured._waiting[-1].passes[0].loss = "none"
    with chainrule.open_run(run.path) as reader:
        assert [s.step for s in reader.samples()] == [*range(10), *range(16, 20)]
        (error,) = [e for e in reader.events() if e.kind == "internal-error"]
    assert "ValueError" in error.text
