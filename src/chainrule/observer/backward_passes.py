"""Every backward pass of the script: its loss is noted, and on a sampled step it is measured."""

import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule import _guard

from . import scaling
from .backward import BackwardRecorder, current_node, root_of, start_of
from .by_hand import StepsByHand
from .compiled import is_traced
from .cuda_graphs import PLAYED_BACK, is_recording
from .followed_thread import NOT_FOLLOWED, FollowedThread
from .forward.passes import ForwardPasses
from .graph_labels import GraphLabels
from .labels import Labeller
from .losses import Losses
from .met_leaves import MetLeaves
from .modes import active, unseen
from .names import Names
from .narrowing import Narrowing
from .nonfinite import FirstNonFinite
from .notes import Notes
from .present import Present
from .straight_line import Call, call_of_backward, follows_at_once, keeps_gradients
from .updates import Arrived
from .window import Window

_MOST_PASSES = 64  # backward passes kept for one step; further ones of the step are counted only


class BackwardPasses:
    """The backward passes of the present step.

    Args:
        present: The step.
        names: Names of the parameters.
        labels: The labels of graphs met so far.
        labeller: Gives labels to operations while it is on.
        losses: Told the loss of each pass.
        nonfinite: Told where a loss is not finite.
        narrowing: Which passes count.
        thread: The thread that is followed.
        window: Captures the step, or not.
        notes: Where is said what is not seen.
        forward: Told which passes begin.
        by_hand: Told of all passes, while no optimizer was seen.
        met: Told what measured passes reach.

    Attributes:
        measured: Those of the present step that were measured.
        returned_to: The call of `backward()` in which the last of them was made.
        devices: Of the parameters that measured passes reached, other than the CPU.
    """

    def __init__(
        self,
        *,
        present: Present,
        names: Names,
        labels: GraphLabels,
        labeller: Labeller,
        losses: Losses,
        nonfinite: FirstNonFinite,
        narrowing: Narrowing,
        thread: FollowedThread,
        window: Window,
        notes: Notes,
        forward: ForwardPasses,
        by_hand: StepsByHand,
        met: MetLeaves,
    ) -> None:
        self._present = present
        self._names = names
        self._labels = labels
        self._labeller = labeller
        self._losses = losses
        self._first_nonfinite = nonfinite
        self._narrowing = narrowing
        self._thread = thread
        self._window = window
        self._notes = notes
        self._forward = forward
        self._by_hand = by_hand
        self._met = met
        self.measured: list[BackwardRecorder] = []
        self.returned_to: Call | None = None
        self.devices: set[torch.device] = set()
        self._running: list[BackwardRecorder] = []
        self._modes = False

    @property
    def running(self) -> bool:
        """True in the middle of a pass that is measured."""
        return bool(self._running)

    def abandon(self) -> None:
        """Take everything back that a pass which never ended left in place."""
        for recorder in self._running:
            recorder.detach()
        self._running.clear()

    def enter(
        self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[], None] | None:
        """Called at the entry to every backward pass; what it returns is called at its end.

        But for those that `LightSteps.enter` has taken note of.
        """
        first = outputs[0] if outputs else None
        if isinstance(first, Tensor) and first.is_cuda:
            self._present.on_gpu = True
            if is_recording():
                self._notes.say(PLAYED_BACK)
                return None
        if self._present.evaluation is not None:
            self._present.evaluation()
        if self._by_hand.possible and not self._running and self._thread.becomes_present():
            self._by_hand.enters(outputs, sys._getframe(1))
        step_in = None
        if self._window.on and self._thread.is_present():
            step_in = self._window.enter(outputs, args, kwargs)
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
            self._present.own_s += time.perf_counter() - began - self._losses.take_waited()
        if step_in is None or done is None:
            return done or step_in
        leave = done
        return lambda: (leave(), step_in())[1]

    def still_there(self, optimizer: Optimizer, frame: FrameType | None) -> Arrived:
        """Gradients of the last measured pass that an optimizer's step finds as they were measured.

        None are, unless nothing can have changed them unseen.

        Args:
            optimizer: It, whose step is about to begin.
            frame: That which calls our hook.
        """
        if self.returned_to is None or not self.measured or not keeps_gradients(optimizer):
            return {}
        return self.measured[-1].arrived if follows_at_once(self.returned_to, frame) else {}

    def _enter(
        self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[], None] | None:
        present = self._present
        self.returned_to = None
        first = outputs[0] if outputs else None
        if isinstance(first, Tensor) and is_traced(first):
            return None  # a compiler is at work, on tensors without values
        if self._running:
            return self._enter_nested(outputs, args) if self._thread.is_present() else None
        if not self._thread.becomes_present():
            self._notes.say(NOT_FOLLOWED)
            return None
        if self._narrowing.on and not self._counts(outputs):
            return None
        accumulates = bool(kwargs.get("accumulate_grad", True))
        if present.labelling and not (len(args) > 2 and args[2]):
            self._labeller.stop()  # create_graph: backward itself records operations
        present.passes += 1
        inputs = args[3] if len(args) > 3 and args[3] else ()
        counts = (
            accumulates
            or any(isinstance(i, torch.nn.Parameter) for i in inputs)
            or any(isinstance(i, Tensor) and self._names.index(i) is not None for i in inputs)
            or (not (len(args) > 2 and args[2]) and self._by_hand.may_train(inputs))
        )
        if not counts:
            self._met.asked_for(inputs)
        scale = 1.0
        if isinstance(first, Tensor) and first.numel() == 1 and counts:
            scale = scaling.scale_of(first)
            finite = self._losses.see(
                first,
                scale,
                closure=present.inside_step is not None,
                wait=present.armed,
            )
            if not finite:
                self._look_for_nonfinite(outputs)
        if not present.armed or self._profiled():
            return None
        if counts:
            self._forward.begins(outputs)
        if len(self.measured) >= _MOST_PASSES:
            self._notes.say(
                f"Of a step's backward passes only the first {_MOST_PASSES} are measured."
            )
            return None
        roots = [root for root in map(start_of, outputs) if root is not None]
        if not roots:
            return None
        recorder = BackwardRecorder(
            roots,
            args[0] if args and len(args[0]) == len(outputs) else (),
            accumulates=accumulates,
            partial_graph=bool(inputs),
            may_read_saved=self._labels.may_read_saved(),
            hide=self._modes,
        )
        if isinstance(first, Tensor) and first.numel() == 1:
            recorder.loss = self._losses.latest if counts else float(first.detach().item())
        recorder.scale = scale
        recorder.in_closure = present.inside_step is not None
        self.devices.update(each.device for each in recorder.leaves.values() if not each.is_cpu)
        self._meet(recorder)
        self._labels.collect(recorder)
        if recorder.structure.reentrant:
            recorder.remember_gradients(recorder.leaves.values())
            if present.labelling:
                self._labeller.start()  # its forward pass runs again, inside backward
        self._running.append(recorder)
        return lambda: self._leave(recorder)

    def _meet(self, recorder: BackwardRecorder) -> None:
        if self._by_hand.possible:
            self._by_hand.meets(recorder)
            if not self._by_hand.found:
                return
        self._met.meet(recorder, sys._getframe(1))

    def _look_for_nonfinite(self, outputs: Sequence[Any]) -> None:
        roots = [root_of(output) for output in outputs]
        self._first_nonfinite.in_forward(self._present.step, roots)

    def _counts(self, outputs: Sequence[Any]) -> bool:
        """True if a pass belongs to what `watch(model=…, optimizer=…)` was narrowed to."""
        with unseen():
            if not self._narrowing.reaches([root_of(output) for output in outputs]):
                return False
            if self._narrowing.starts_anew():
                self._losses.forget()
                self.measured.clear()
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
        self._labels.collect(recorder)
        outer.nested.append((node, recorder))
        self._running[0].remember_gradients(recorder.leaves.values())
        self._running.append(recorder)
        return lambda: self._leave(recorder)

    def _leave(self, recorder: BackwardRecorder) -> None:
        began = time.perf_counter()
        try:
            try:
                with unseen():
                    recorder.detach()
                    recorder.read_gradients()
            finally:
                if recorder in self._running:
                    del self._running[self._running.index(recorder) :]
                recorder.release()
            self._present.own_s += recorder.own_s
            if not self._running:
                self._labeller.stop()
                with unseen():
                    recorder.compare_gradients()
                self.measured.append(recorder)
                self.returned_to = call_of_backward(sys._getframe())
                if self._by_hand.possible:
                    self._by_hand.leaves(recorder)
                if self._present.labelling:
                    self._labeller.start()  # further forward passes of this step
        except Exception as error:
            _guard.report("the end of backward", error)
        finally:
            self._present.own_s += time.perf_counter() - began

    def _profiled(self) -> bool:
        """True while torch.profiler would count our operations with the script's."""
        if torch._C._autograd._profiler_enabled():
            self._notes.say("torch.profiler was active; the passes under it were not sampled.")
            return True
        return False
