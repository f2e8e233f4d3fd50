"""Watching one training run: what happens at each optimizer step.

Light steps carry nothing but the loss and the learning rate. A sampled step is armed when the
step before it ends: labels are collected in its forward pass if its graph is not yet known,
every node is hooked for its backward passes, weights are compared before and after its update.
"""

import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule import _guard
from chainrule.records import UPDATES_BY_HAND

from . import updates
from .backward_passes import BackwardPasses
from .by_hand import StepsByHand
from .captured import Captures
from .compiled import EagerStance
from .cuda_graphs import is_recording
from .evaluations import Evaluations
from .followed_thread import NOT_FOLLOWED, FollowedThread
from .forward.passes import ForwardPasses
from .governor import Governor
from .graph_labels import GraphLabels
from .labels import Labeller
from .light_steps import LightSteps
from .losses import Losses
from .measured import MeasuredPass, MeasuredStep, MeasuredSteps
from .met_leaves import MetLeaves
from .modes import active, unseen
from .names import Names
from .narrowing import Narrowing
from .nonfinite import FirstNonFinite
from .notes import Notes
from .optimizers import Optimizers, tensors_of
from .outlines import Outlines
from .present import Present
from .probes import Probes
from .resting import Resting
from .sink import Sink
from .window import Window, has_closure

_MOST_LABELLED = 16  # sampled steps that may look for labels of graphs not met before


class Observation:
    """The state of a watched run. One thread trains; passes of other threads are left alone.

    Args:
        sink: Where records go.
        governor: Decides which steps are sampled.
        inside_compiled: Run compiled code eagerly on sampled steps.
        model: If given, only what reaches its parameters counts (`watch(model=...)`).
        model_name: The variable that holds it.
        optimizer: If given, only its steps count.
        captures: How many captured steps are kept; 0 captures none.
    """

    def __init__(
        self,
        sink: Sink,
        governor: Governor,
        *,
        inside_compiled: bool = False,
        model: torch.nn.Module | None = None,
        model_name: str = "",
        optimizer: Optimizer | None = None,
        captures: int = 8,
    ) -> None:
        self.sink = sink
        self.governor = governor
        self.narrowing = Narrowing(model, optimizer)
        self.names = Names(self.narrowing.wants)
        self.labeller = Labeller(self.names)
        self.labels = GraphLabels(self.names, self.labeller)
        self.outlines = Outlines(self.names, self.labels, sink)
        self.losses = Losses(sink)
        self.captures = Captures(captures)
        self.probes = Probes(sink, governor, self.captures)
        self._measured = MeasuredSteps(sink, self.probes)
        self._resting = Resting(self.names, sink)
        self.stance = EagerStance(inside_compiled)
        self._present = Present()
        self.started_s = self._present.ended_s
        self._notes = Notes(sink, self._present)
        self._thread = FollowedThread()
        self.optimizers = Optimizers(self.names, sink)
        self.forward = ForwardPasses(self.names, self.optimizers, sink)
        self.window = Window(self.names, self.optimizers, forward=self.forward.listener)
        self._keeper = updates.Keeper()
        self._snapshot: updates.Snapshot | None = None
        self._stepped: set[int] = set()
        self._labelled = 0
        self._first_nonfinite = FirstNonFinite(self.outlines, self.labels)
        self._by_hand = StepsByHand(
            self._present, self.names, self._before_by_hand, self._after_by_hand
        )
        self.backward = BackwardPasses(
            present=self._present,
            names=self.names,
            labels=self.labels,
            labeller=self.labeller,
            losses=self.losses,
            nonfinite=self._first_nonfinite,
            narrowing=self.narrowing,
            thread=self._thread,
            window=self.window,
            notes=self._notes,
            forward=self.forward,
            by_hand=self._by_hand,
            met=MetLeaves(self.names),
        )
        self.evaluations = Evaluations(sink, governor, self._present, self.window, self._thread)
        self.lights = LightSteps(
            self._present,
            governor,
            self.probes,
            self.losses,
            self.optimizers,
            self.narrowing,
            self._thread,
        )
        self.internal_errors: set[str] = set()
        if model is not None:
            self.names.add_root(model, None, name=model_name)
        self._arm()
        self.forward.start(0)

    @property
    def step(self) -> int:
        """The present step: how many the optimizers have made."""
        return self._present.step

    # ---- optimizer ------------------------------------------------------------------------

    def before_step(self, optimizer: Optimizer, args: Any = None, kwargs: Any = None) -> None:
        """Global pre-hook of every optimizer's step."""
        began = time.perf_counter()
        if self.lights.before_step(optimizer, began):
            return
        try:
            if self._ignores(optimizer):
                return
            if self._by_hand.possible:
                self._by_hand.give_up()
                self.evaluations.on_left = None
            self._present.inside_step = optimizer
            if not self._present.armed and self.optimizers.knows(optimizer):
                return
            with unseen():
                if not self.optimizers.knows(optimizer):
                    self.optimizers.meet(optimizer, sys._getframe(1))
                    self.governor.begins_anew(self.step)
                    self.lights.until = 0
                if self._present.armed:
                    self._snapshot = self._keeper.take(tensors_of(optimizer))
                    self._snapshot.arrived = self.backward.still_there(optimizer, sys._getframe(1))
                    self.forward.before_step(optimizer)
                    self.window.before_step(optimizer, closure=has_closure(args, kwargs))
        except Exception as error:
            self.window.abandon()
            _guard.report("the start of an optimizer step", error)
        finally:
            self._present.own_s += time.perf_counter() - began

    def after_step(self, optimizer: Optimizer, args: Any = None, kwargs: Any = None) -> None:
        """Global post-hook of every optimizer's step: a step ends here and the next begins."""
        began = time.perf_counter()
        try:
            if self.lights.after_step(optimizer, began):
                return
            if self._ignores(optimizer):
                self.narrowing.stepped()
                return
            self._present.inside_step = None
            if active():
                with unseen():
                    self._end_step(optimizer, began)
            else:
                self._end_step(optimizer, began)
        except Exception as error:
            self._snapshot = None
            self.backward.measured.clear()
            self.window.abandon()
            _guard.report("the end of an optimizer step", error)

    def _before_by_hand(
        self, stand_in: Optimizer, tensors: list[Tensor], gradients: list[float | None]
    ) -> None:
        """The script may be about to change its weights itself; see `StepsByHand`."""
        self._snapshot = self._keeper.take(tensors)
        self._snapshot.gradients = gradients
        if self._by_hand.found:
            self.forward.before_step(stand_in)
            self.window.before_step(stand_in, closure=False)

    def _after_by_hand(self, stand_in: Optimizer, frame: FrameType | None) -> None:
        if not self.optimizers.knows(stand_in):
            self.optimizers.meet(stand_in, frame, kind=UPDATES_BY_HAND)
            self.evaluations.on_left = self._by_hand.left_block
        held, reached = map(self.names.numbers, (tensors_of(stand_in), self._by_hand.reached()))
        self._resting.reach(held)
        roots = {self.names.parameters[i].root for i in held} - {""}
        for p in self.names.parameters:  # what the same loop over parameters() passes by
            if p.root in roots and p.requires_grad and p.index not in reached:
                self.names.hold(p.index, self.optimizers.number(stand_in))
        self.after_step(stand_in)

    def _ignores(self, optimizer: Optimizer) -> bool:
        if self._present.on_gpu and is_recording():
            return True
        if self.narrowing.on and self.narrowing.ignores(optimizer):
            return True
        if self._thread.becomes_present(steps=True):
            return False
        self._notes.say(NOT_FOLLOWED)
        return True

    def _end_step(self, optimizer: Optimizer, began: float) -> None:
        present = self._present
        step = present.step
        present.step += 1
        self.lights.settle()
        self.evaluations.end_step()
        index = self.optimizers.stepped(optimizer, step)
        self.probes.saw(self.losses.end_step(step, index))
        if self._resting.waiting:
            self._resting.stepped()
        duration = began - present.ended_s
        own, present.own_s = present.own_s, 0.0
        light = not self._present.armed
        counted_s = began
        if not light:
            sampled_at = time.perf_counter()
            self.sink.point("step_s", step, duration)
            sample = self._sample(optimizer, index, step)
            self._stepped.add(index)
            last = self._stepped >= self.optimizers.in_turn(step)
            own += self.forward.after_step(optimizer, index, step, sys._getframe(1))
            capture = self.window.after_step(optimizer, index, step, last=last)
            if capture is not None:
                self.probes.keep(capture)
            recording, self.window.recording_s = self.window.recording_s, 0.0
            own += time.perf_counter() - sampled_at + recording
            counted_s = time.perf_counter()
            cost = self.governor.sample(step, duration + counted_s - began, own)
            if sample is not None:
                self.losses.settle()
                sample.time_s, sample.overhead_s = began - self.started_s, cost
                self._measured.add(sample)
            if last:
                self._disarm()
                self.probes.ask_within_budget()
            self.backward.measured.clear()
        probe = self.probes.wants(self.step) and index == max(
            self.optimizers.in_turn(step), default=index
        )
        looks = probe and self.forward.wants(self.step, captured=True)
        if not self._present.armed and (probe or self.governor.wants(self.step)):
            self._arm()
            looks = looks or self.forward.wants(self.step, captured=False)
        if probe:
            self._stepped.clear()  # a sample that began in mid-round goes on to this round's end
            self.window.start(looked_at=looks)
        if looks:
            self.forward.start(self.step, captured=probe)
        if (
            present.armed
            or self._resting.waiting
            or self._by_hand.possible
            or self.backward.running
        ):
            self.lights.until = 0
        else:
            self.lights.plan(self.step)
        present.ended_s = now = time.perf_counter()
        if light and step:
            self.governor.light(duration, own + now - began)
        else:
            self.governor.spent_s += now - counted_s
        if self.sink.due(now):
            self._flush()

    def _flush(self) -> None:
        began = self._present.ended_s
        self.settle()
        self.sink.flush(began)
        self._present.ended_s = now = time.perf_counter()
        self.governor.spent_s += now - began

    def look_for_nonfinite(self, roots: Sequence[Any]) -> None:
        """Find the operation behind numbers that are not finite and never came to a backward."""
        if roots:
            with unseen():
                self._first_nonfinite.in_forward(self.step, roots)

    def settle(self) -> None:
        """Hand on all that waits to be written, and the counts of the run so far."""
        self.lights.settle()
        self.losses.settle()
        self._measured.write()
        self.tell_totals()

    def tell_totals(self) -> None:
        """Write down the counts of the run so far."""
        self.sink.totals(
            steps=self.step,
            backward_passes=self._present.passes,
            sampled_steps=self.governor.sampled,
            observed_s=self.governor.spent_s,
            training_s=self._present.ended_s - self.started_s,
        )

    def _sample(self, optimizer: Optimizer, number: int, step: int) -> MeasuredStep | None:
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None:
            return None
        self.optimizers.follow_groups(optimizer)
        self.names.refresh()
        if snapshot.gradients is not None:
            snapshot.tensors = [self._by_hand.successor(t) for t in snapshot.tensors]
        held = set(map(id, tensors_of(optimizer)))
        indices = [
            i if (i := self.names.index(t)) is not None and id(t) in held else -1
            for t in snapshot.tensors
        ]
        changes = updates.compare(snapshot, indices)
        passes = self._passes(step)
        self._resting.look()
        for parameter in self.names.fresh():
            self.sink.add_parameter(parameter)
        return MeasuredStep(step, number, changes, passes)

    def _passes(self, step: int) -> list[MeasuredPass]:
        passes = []
        for number, recorder in enumerate(self.backward.measured):
            recorder.settle()
            self._first_nonfinite.in_backward(step, recorder)
            self.evaluations.learn(recorder.structure)
            passes.append(self.outlines.backward_pass(recorder, step, number))
        return passes

    # ---- sampling -------------------------------------------------------------------------

    def _arm(self) -> None:
        self._present.armed = True
        self.lights.until = 0
        self._stepped.clear()
        self.stance.start()
        if self.labels.wanted and self._labelled < _MOST_LABELLED:
            self._labelled += 1
            self._present.labelling = True
            self.labeller.start()

    def _disarm(self) -> None:
        self._present.armed = self._present.labelling = False
        self.window.abandon()
        self.forward.stop()
        self.labeller.stop()
        self.stance.stop()

    # ---- end ------------------------------------------------------------------------------

    def finish(self) -> None:
        """Take everything back that a sampled step left in place, and settle what is pending."""
        self._measured.write()
        self._by_hand.finish(sys._getframe(1))
        self._disarm()
        self.forward.finish(self.step)
        self.backward.abandon()
        self.evaluations.end_step()
        self.lights.settle()
        if self.step == 0 and self.backward.measured:
            self._without_optimizer()
        self.backward.measured.clear()
        if (excess := self.governor.excess_of_lights()) is not None:
            self._notes.say(excess)
        self.settle()
        self.sink.flush()
        self.probes.ask_at_the_end(self._present.ended_s - self.started_s)

    def _without_optimizer(self) -> None:
        """No optimizer ever stepped: keep what the first backward passes showed."""
        passes = self._passes(0)
        for parameter in self.names.fresh():
            self.sink.add_parameter(parameter)
        self._measured.add(MeasuredStep(0, 0, None, passes))
