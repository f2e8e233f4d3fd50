"""Steps that are not measured leave nothing out, and touch little."""

import _thread
import sys
import threading
import time
import weakref
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from watching import MemoryWriter

import chainrule
from chainrule.observer.captured import Captures
from chainrule.observer.followed_thread import FollowedThread
from chainrule.observer.governor import EARLY, Governor
from chainrule.observer.light_steps import STRIDE, LightSteps
from chainrule.observer.losses import Losses
from chainrule.observer.names import Names
from chainrule.observer.narrowing import Narrowing
from chainrule.observer.optimizers import Optimizers
from chainrule.observer.present import Present
from chainrule.observer.probes import Probes
from chainrule.observer.sink import Sink

STEPS = 400


class Steps:
    """Light steps of an optimizer, whose gradients nobody asks for."""

    def __init__(self, governor: Governor) -> None:
        self.writer: Any = MemoryWriter()
        sink = Sink(lambda: self.writer)
        self.present, self.losses, self.thread = Present(), Losses(sink), FollowedThread()
        self.thread.ident = threading.get_ident()
        nothing: Any = None  # no answers are handed on
        self.probes = Probes(nothing, governor, Captures(8))
        self.probes.saw(2.0)
        narrowing = Narrowing(None, None)
        optimizers = Optimizers(Names(narrowing.wants), sink)
        self.lights = LightSteps(
            self.present, governor, self.probes, self.losses, optimizers, narrowing, self.thread
        )
        self.optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
        optimizers.meet(self.optimizer, None)
        optimizers.stepped(self.optimizer, 0)

    def plan(self, step: int) -> None:
        self.present.step = step
        self.lights.plan(step)

    def make(self, *losses: float | torch.Tensor) -> bool:
        """A step; True if it was a light one."""
        self.losses.of_step += losses
        began = time.perf_counter()
        light = self.lights.before_step(self.optimizer, began)
        return self.lights.after_step(self.optimizer, time.perf_counter()) and light


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


def test_steps_of_one_pass_and_of_several_are_written_in_their_order(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    expected = []
    with chainrule.watch(folder=tmp_path) as run:
        for step in range(STEPS):
            optimizer.zero_grad()
            total = 0.0
            for _ in range(1 + (step % 3 == 0)):
                loss = model(torch.randn(8, 4)).square().mean()
                loss.backward()
                total += loss.item()
            optimizer.step()
            expected.append(total)
    with chainrule.open_run(run.path) as reader:
        series = reader.series("loss")
        window = reader.window("loss", most=20)
    assert series.steps == tuple(range(STEPS))
    assert list(series.values) == expected
    assert window.points_each > 1 and window.last_step == STEPS - 1
    assert all(b.count == b.last_step - b.first_step + 1 for b in window.buckets)


def test_a_pass_begun_from_c_alone_is_left_alone(tmp_path: Path) -> None:
    weight = torch.ones(1, requires_grad=True)
    done = threading.Lock()
    with chainrule.watch(folder=tmp_path):
        loss = (3 * weight).sum()
        # the thread's first frame is that of PyTorch: nobody called it
        arguments = ((loss,), (torch.ones(()),), False, False, ())
        keywords = {"allow_unreachable": True, "accumulate_grad": True}
        run = partial(torch.autograd.graph._engine_run_backward, *arguments, **keywords)
        done.acquire()
        weakref.finalize(run, done.release)
        _thread.start_new_thread(run, ())
        del run
        assert done.acquire(timeout=60)
    assert weight.grad == 3


def test_a_learning_rate_in_a_tensor_is_read_unseen(tmp_path: Path) -> None:
    class Note(TorchFunctionMode):
        def __torch_function__(
            self, function: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            seen[-1].append(function)
            return function(*args, **(kwargs or {}))

    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=torch.tensor(0.01))
    seen: list[list[Any]] = []
    with chainrule.watch(folder=tmp_path, capture=0):
        for _ in range(STEPS // 2):
            optimizer.zero_grad()
            model(torch.randn(8, 4)).square().mean().backward()
            seen.append([])
            with Note():
                optimizer.step()
    assert seen[0] and all(functions == seen[1] for functions in seen[1:])


@pytest.mark.parametrize("scaler", [False, True])
def test_most_steps_take_the_short_way(tmp_path: Path, scaler: bool) -> None:
    """With a scaler that was made, but does not scale this loss, as well."""
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x = torch.randn(8, 4)
    calls: list[int] = []

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and "/chainrule/" in frame.f_code.co_filename.replace("\\", "/"):
            calls[-1] += 1

    with chainrule.watch(folder=tmp_path, capture=0):
        kept = [torch.amp.GradScaler("cpu", enabled=False) for _ in range(scaler)]
        for _ in range(STEPS):
            calls.append(0)
            sys.setprofile(count)
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
            sys.setprofile(None)
    assert len(kept) == scaler
    late = sorted(calls[EARLY + 1 :])
    assert late[len(late) // 2] <= 8  # 32 if all were asked on each step


def test_a_loss_that_rises_is_looked_at_in_the_same_step() -> None:
    steps = Steps(quick())
    steps.plan(EARLY + 1)
    assert steps.lights.until == EARLY + 1 + STRIDE
    assert steps.make(2.9) and steps.lights.until == EARLY + 1 + STRIDE
    assert steps.make(torch.tensor(9.0))  # still on its device
    assert steps.lights.until == EARLY + 1 + STRIDE
    assert steps.make(3.1) and steps.lights.until == 0
    assert not steps.make(2.9)


def test_early_or_slow_steps_and_every_nth_are_asked_each_time() -> None:
    steps = Steps(quick())
    steps.plan(EARLY)
    assert steps.lights.until == 0
    slow = Governor(0.01)
    slow.light(0.1, 1e-5)
    for governor in (slow, Governor(0.01), Governor(None, every=10)):
        steps = Steps(governor)
        steps.plan(1000)
        assert steps.lights.until == 0


def test_what_waits_reaches_governor_probes_and_file() -> None:
    governor = quick()
    steps = Steps(governor)
    steps.plan(100)
    assert steps.make(1.0) and steps.make(0.5, 1.0)  # two backward passes
    assert governor.lights == 1
    steps.lights.settle()
    steps.lights.settle()
    assert governor.lights == 3
    assert list(steps.probes._losses) == [2.0, 1.0, 1.5]
    losses = [p for p in steps.writer.points if p[0] == "loss"]
    assert losses == [("loss", 100, 1.0), ("loss", 101, 1.5)]


def test_a_step_of_another_thread_or_of_an_optimizer_not_met_is_no_light_one() -> None:
    steps = Steps(quick())
    steps.plan(100)
    stranger = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    assert not steps.lights.before_step(stranger, 0.0)
    assert not steps.lights.after_step(stranger, 0.0)
    answers: list[bool] = []
    elsewhere = threading.Thread(target=lambda: answers.append(steps.make(1.0)))
    elsewhere.start()
    elsewhere.join()
    assert answers == [False]
    assert steps.present.step == 100
    assert steps.make()


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
