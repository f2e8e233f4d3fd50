"""Watching one training run: what happens at each backward pass and each optimizer step.

Light steps carry nothing but the loss and the learning rate. A sampled step is armed when the
step before it ends: labels are collected in its forward pass if its graph is not yet known,
every node is hooked for its backward passes, weights are compared before and after its update.
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule import _guard
from chainrule.records import Event, StepSample

from . import scaling, updates
from .backward import BackwardRecorder, current_node, root_of
from .captured import Captures
from .compiled import EagerStance, is_traced
from .followed_thread import FollowedThread
from .governor import Governor
from .graph_labels import GraphLabels
from .labels import Labeller
from .losses import Losses
from .modes import active, unseen
from .names import Names
from .narrowing import Narrowing
from .nonfinite import FirstNonFinite
from .optimizers import Optimizers, tensors_of
from .outlines import Outlines
from .probes import Probes
from .resting import Resting
from .sink import Sink
from .window import Window, has_closure

_MOST_PASSES = 64  # backward passes kept for one step; further ones of the step are counted only
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
        self._resting = Resting(self.names, sink)
        self.stance = EagerStance(inside_compiled)
        self.step = 0
        self.backward_passes = 0
        self.started_s = time.perf_counter()
        self.last_end_s = self.started_s
        self._own_s = 0.0
        self._thread = FollowedThread()
        self.optimizers = Optimizers(self.names, sink)
        self.window = Window(self.names, self.optimizers)
        self._passes: list[BackwardRecorder] = []
        self._running: list[BackwardRecorder] = []
        self._keeper = updates.Keeper()
        self._snapshot: updates.Snapshot | None = None
        self._inside_step: Optimizer | None = None
        self._armed = False
        self._stepped: set[int] = set()
        self._labelled = 0
        self._labelling = False
        self._modes = False
        self._said: set[str] = set()
        self._first_nonfinite = FirstNonFinite(self.outlines, self.labels)
        self.internal_errors: set[str] = set()
        if model is not None:
            self.names.add_root(model, None, name=model_name)
        self._arm()

    # ---- backward -------------------------------------------------------------------------

    def on_backward(
        self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[], None] | None:
        """Called at the entry to every backward pass; what it returns is called at its end."""
        began = time.perf_counter()
        if not self._armed and self._enter_lightly(outputs, kwargs):
            self._own_s += time.perf_counter() - began
            return None
        step_in = None
        if self.window.on and self._thread.is_present():
            step_in = self.window.enter(outputs, args, kwargs)
        done = None
        began = time.perf_counter()
        try:
            self._modes = active()
            if self._modes:
                with unseen():
                    done = self._enter(outputs, args, kwargs)
            else:
                done = self._enter(outputs, args, kwargs)
        except Exception as error:
            _guard.report("the entry to backward", error)
        finally:
            self._own_s += time.perf_counter() - began
        if step_in is None or done is None:
            return done or step_in
        leave = done
        return lambda: (leave(), step_in())[1]

    def _enter_lightly(self, outputs: Sequence[Any], kwargs: dict[str, Any]) -> bool:
        """Take note of an ordinary pass of a step that is not measured, by the shortest way.

        It does what `_enter` would: most steps of a run come by here, and nowhere else.

        Returns:
            False if nothing was done, because something about the pass is not ordinary.
        """
        first = outputs[0] if outputs else None
        if (
            type(first) is not Tensor
            or not kwargs.get("accumulate_grad", True)
            or not first.is_cpu
            or self._running
            or self.narrowing.on
            or not self._thread.is_present()
            or active()
            or is_traced(first)
        ):
            return False
        self._modes = False
        self.backward_passes += 1
        if first.numel() == 1:
            try:
                finite = self.losses.see(
                    first, scaling.scale_of(first), closure=self._inside_step is not None
                )
                if not finite:
                    self._first_nonfinite.in_forward(self.step, [root_of(o) for o in outputs])
            except Exception as error:
                _guard.report("the entry to backward", error)
        return True

    def _enter(
        self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[], None] | None:
        first = outputs[0] if outputs else None
        if isinstance(first, Tensor) and is_traced(first):
            return None  # a compiler is at work, on tensors without values
        if self._running:
            return self._enter_nested(outputs, args) if self._thread.is_present() else None
        if self._is_of_another():
            return None
        if self.narrowing.on and not self._counts(outputs):
            return None
        accumulates = bool(kwargs.get("accumulate_grad", True))
        if self._labelling and not (len(args) > 2 and args[2]):
            self.labeller.stop()  # create_graph: backward itself records operations
        self.backward_passes += 1
        inputs = args[3] if len(args) > 3 and args[3] else ()
        counts = (
            accumulates
            or any(isinstance(i, torch.nn.Parameter) for i in inputs)
            or any(isinstance(i, Tensor) and self.names.index(i) is not None for i in inputs)
        )
        scale = 1.0
        if isinstance(first, Tensor) and first.numel() == 1 and counts:
            scale = scaling.scale_of(first)
            finite = self.losses.see(
                first, scale, closure=self._inside_step is not None, wait=self._armed
            )
            if not finite:
                self._first_nonfinite.in_forward(self.step, [root_of(o) for o in outputs])
        if not self._armed or self._profiled():
            return None
        if len(self._passes) >= _MOST_PASSES:
            self.say(f"Of a step's backward passes only the first {_MOST_PASSES} are measured.")
            return None
        roots = [root for root in map(root_of, outputs) if root is not None]
        if not roots:
            return None
        recorder = BackwardRecorder(
            roots,
            args[0] if args and len(args[0]) == len(outputs) else (),
            accumulates=accumulates,
            partial_graph=bool(inputs),
            may_read_saved=self.labels.may_read_saved(),
            hide=self._modes,
        )
        if isinstance(first, Tensor) and first.numel() == 1:
            recorder.loss = self.losses.latest if counts else float(first.detach().item())
        recorder.scale = scale
        recorder.in_closure = self._inside_step is not None
        self.labels.collect(recorder)
        if recorder.structure.reentrant:
            recorder.remember_gradients(recorder.leaves.values())
            if self._labelling:
                self.labeller.start()  # its forward pass runs again, inside backward
        self._running.append(recorder)
        return lambda: self._leave(recorder)

    def _is_of_another(self, *, steps: bool = False) -> bool:
        """True if this thread is not the one that is followed."""
        if self._thread.becomes_present(steps=steps):
            return False
        self.say("What further threads train is not followed.")
        return True

    def _counts(self, outputs: Sequence[Any]) -> bool:
        """True if a pass belongs to what `watch(model=…, optimizer=…)` was narrowed to."""
        with unseen():
            if not self.narrowing.reaches([root_of(output) for output in outputs]):
                return False
            if self.narrowing.starts_anew():
                self.losses.forget()
                self._passes.clear()
        return True

    def _enter_nested(
        self, outputs: Sequence[Any], args: tuple[Any, ...]
    ) -> Callable[[], None] | None:
        outer = self._running[-1]
        node = current_node(outer)
        roots = [root for root in (root_of(output) for output in outputs) if root is not None]
        if node is None or not roots:
            return None
        recorder = BackwardRecorder(
            roots,
            args[0] if args else (),
            accumulates=True,
            partial_graph=False,
            may_read_saved=False,
            inside=True,
            hide=self._modes,
        )
        self.labels.collect(recorder)
        outer.nested.append((node, recorder))
        self._running[0].remember_gradients(recorder.leaves.values())
        self._running.append(recorder)
        return lambda: self._leave(recorder)

    def _leave(self, recorder: BackwardRecorder) -> None:
        began = time.perf_counter()
        try:
            with unseen():
                recorder.detach()
                recorder.read_gradients()
            if recorder in self._running:
                del self._running[self._running.index(recorder) :]
            recorder.release()
            self._own_s += recorder.own_s
            if not self._running:
                self.labeller.stop()
                with unseen():
                    recorder.compare_gradients()
                self._passes.append(recorder)
                if self._labelling:
                    self.labeller.start()  # further forward passes of this step
        except Exception as error:
            _guard.report("the end of backward", error)
        finally:
            self._own_s += time.perf_counter() - began

    def _profiled(self) -> bool:
        """True while torch.profiler would count our operations with the script's."""
        if torch._C._autograd._profiler_enabled():
            self.say("torch.profiler was active; the passes under it were not sampled.")
            return True
        return False

    # ---- optimizer ------------------------------------------------------------------------

    def before_step(self, optimizer: Optimizer, args: Any = None, kwargs: Any = None) -> None:
        """Global pre-hook of every optimizer's step."""
        began = time.perf_counter()
        try:
            if self._ignores(optimizer):
                return
            self._inside_step = optimizer
            if not self._armed and self.optimizers.knows(optimizer):
                return
            with unseen():
                if not self.optimizers.knows(optimizer):
                    self.optimizers.meet(optimizer, sys._getframe(1))
                if self._armed:
                    self._snapshot = self._keeper.take(tensors_of(optimizer))
                    self.window.before_step(optimizer, closure=has_closure(args, kwargs))
        except Exception as error:
            self.window.abandon()
            _guard.report("the start of an optimizer step", error)
        finally:
            self._own_s += time.perf_counter() - began

    def after_step(self, optimizer: Optimizer, args: Any = None, kwargs: Any = None) -> None:
        """Global post-hook of every optimizer's step: a step ends here and the next begins."""
        began = time.perf_counter()
        try:
            if self._ignores(optimizer):
                self.narrowing.stepped()
                return
            self._inside_step = None
            if active():
                with unseen():
                    self._end_step(optimizer, began)
            else:
                self._end_step(optimizer, began)
        except Exception as error:
            self._snapshot = None
            self._passes.clear()
            self.window.abandon()
            _guard.report("the end of an optimizer step", error)

    def _ignores(self, optimizer: Optimizer) -> bool:
        if self.narrowing.on and self.narrowing.ignores(optimizer):
            return True
        return self._is_of_another(steps=True)

    def _end_step(self, optimizer: Optimizer, began: float) -> None:
        step = self.step
        self.step += 1
        index = self.optimizers.stepped(optimizer, step)
        self.probes.saw(self.losses.end_step(step, index))
        if self._resting.waiting:
            self._resting.stepped()
        duration = began - self.last_end_s
        own, self._own_s = self._own_s, 0.0
        light = not self._armed
        counted_s = began
        if not light:
            sampled_at = time.perf_counter()
            self.sink.point("step_s", step, duration)
            sample = self._sample(optimizer, step)
            self._stepped.add(index)
            last = self._stepped >= self.optimizers.in_turn(step)
            capture = self.window.after_step(optimizer, index, step, last=last)
            if capture is not None:
                self.probes.keep(capture)
            recording, self.window.recording_s = self.window.recording_s, 0.0
            own += time.perf_counter() - sampled_at + recording
            counted_s = time.perf_counter()
            cost = self.governor.sample(step, duration + counted_s - began, own)
            if sample is not None:
                self.losses.settle()
                self.probes.sampled(sample.passes)
                self.sink.sample(
                    StepSample(
                        step=step,
                        optimizer=index,
                        time_s=began - self.started_s,
                        overhead_s=cost,
                        parameters=sample.parameters,
                        backward_passes=sample.passes,
                    )
                )
            if last:
                self._disarm()
                self.probes.ask_within_budget()
            self._passes.clear()
        probe = self.probes.wants(self.step) and index == max(
            self.optimizers.in_turn(step), default=index
        )
        if not self._armed and (probe or self.governor.wants(self.step)):
            self._arm()
        if probe:
            self._stepped.clear()  # a sample that began in mid-round goes on to this round's end
            self.window.start()
        self.last_end_s = now = time.perf_counter()
        if light and step:
            self.governor.light(duration, own + now - began)
        else:
            self.governor.spent_s += now - counted_s
        if self.sink.due(now):
            self._flush()

    def _flush(self) -> None:
        began = self.last_end_s
        self.losses.settle()
        self._totals()
        self.sink.flush(began)
        self.last_end_s = time.perf_counter()
        self.governor.spent_s += self.last_end_s - began

    def _totals(self) -> None:
        self.sink.totals(
            steps=self.step,
            backward_passes=self.backward_passes,
            sampled_steps=self.governor.sampled,
            observed_s=self.governor.spent_s,
            training_s=self.last_end_s - self.started_s,
        )

    def _sample(self, optimizer: Optimizer, step: int) -> "updates.Sampled | None":
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None:
            return None
        self.optimizers.follow_groups(optimizer)
        self.names.refresh()
        indices = [i if (i := self.names.index(t)) is not None else -1 for t in snapshot.tensors]
        parameters = tuple(s for s in updates.samples(snapshot, indices) if s.parameter >= 0)
        passes = []
        for number, recorder in enumerate(self._passes):
            recorder.settle()
            self._first_nonfinite.in_backward(step, recorder)
            passes.append(self.outlines.backward_pass(recorder, step, number))
        self._resting.look()
        for parameter in self.names.fresh():
            self.sink.add_parameter(parameter)
        return updates.Sampled(parameters, tuple(passes))

    # ---- sampling -------------------------------------------------------------------------

    def _arm(self) -> None:
        self._armed = True
        self._stepped.clear()
        self.stance.start()
        if self.labels.wanted and self._labelled < _MOST_LABELLED:
            self._labelled += 1
            self._labelling = True
            self.labeller.start()

    def _disarm(self) -> None:
        self._armed = self._labelling = False
        self.window.abandon()
        self.labeller.stop()
        self.stance.stop()

    # ---- end ------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Record a note once: what cannot be seen, and why."""
        if text not in self._said:
            self._said.add(text)
            self.sink.event(Event(self.step, "note", text))

    def finish(self) -> None:
        """Take everything back that a sampled step left in place, and settle what is pending."""
        self._disarm()
        for recorder in self._running:
            recorder.detach()
        if self.step == 0 and self._passes:
            self._without_optimizer()
        self._running.clear()
        self._passes.clear()
        self.losses.settle()
        if (excess := self.governor.excess_of_lights()) is not None:
            self.say(excess)
        self._totals()
        self.sink.flush()
        self.probes.ask_at_the_end(self.last_end_s - self.started_s)

    def _without_optimizer(self) -> None:
        """No optimizer ever stepped: keep what the first backward passes showed."""
        passes = []
        for number, recorder in enumerate(self._passes):
            recorder.settle()
            self._first_nonfinite.in_backward(0, recorder)
            passes.append(self.outlines.backward_pass(recorder, 0, number))
        for parameter in self.names.fresh():
            self.sink.add_parameter(parameter)
        self.sink.sample(
            StepSample(
                step=0,
                optimizer=0,
                time_s=0.0,
                overhead_s=0.0,
                parameters=(),
                backward_passes=tuple(passes),
            )
        )
