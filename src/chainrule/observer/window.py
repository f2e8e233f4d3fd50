"""The window of a captured step: from the end of the step before to the end of its update.

The recorder runs in it. Each backward pass adds a term to the loss, unless the gradients that it
left were thrown away before the update (`zero_grad`, a step that a GradScaler skipped).
"""

import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge
from torch.optim import Optimizer

from chainrule import _guard
from chainrule.instruments.preconditioner import Preconditioner, preconditioner
from chainrule.objective.step import Datum, Program, Term, real_view

from . import scaling
from .capture_memory import MOST_BYTES, count_memory, too_large
from .captured import Capture, same
from .entry import OnBackward
from .forward.listener import ForwardListener
from .interception import Both, Interception, Listener, foreign_modes
from .modes import unseen
from .names import Names
from .passes import MOST_PASSES, Pass, Passes, evidence
from .recorder import Recorder


class Window:
    """Captures steps.

    Args:
        names: Names of the parameters.
        optimizers: Those met so far.
        most_bytes: What the data of one capture may take.
        forward: Told of all calls, too, also of those of a step that cannot be captured.

    Attributes:
        recording_s: Seconds taken so far while the script computed the present step.
    """

    def __init__(
        self,
        names: Names,
        optimizers: Iterable[Optimizer],
        most_bytes: int = MOST_BYTES,
        forward: ForwardListener | None = None,
    ) -> None:
        self._names = names
        self._optimizers = optimizers
        self._most_bytes = most_bytes
        self._forward = forward
        self._recorder: Recorder | None = None
        self._interception: Interception | None = None
        self._passes = Passes(optimizers)
        self._depth = 0
        self._reason: str | None = None
        self._before: dict[str, tuple[Tensor, Tensor]] = {}
        self._closure = False
        self.recording_s = 0.0

    @property
    def on(self) -> bool:
        """True while a step is being captured."""
        return self._recorder is not None

    @property
    def interception(self) -> Interception | None:
        """What listens to the step that is being captured; None if nothing does."""
        return self._interception

    def start(self, *, looked_at: bool = True) -> None:
        """The coming step is to be captured.

        Args:
            looked_at: False to tell nobody but the recorder of its calls.
        """
        self.abandon()
        self.recording_s = 0.0
        self._reason = obstacle()
        self._recorder = Recorder(self._is_parameter, self._most_bytes)
        self._interception = self._interception_of(
            self._recorder, self._forward if looked_at else None
        )
        if self._reason is None:
            self._interception.start()

    @staticmethod
    def _interception_of(recorder: Recorder, forward: ForwardListener | None) -> Interception:
        if forward is None:
            return Interception(recorder, recorder.applied)

        def applied(cls: type, arguments: Any, keywords: Any, frame: FrameType) -> None:
            recorder.applied(cls, arguments, keywords, frame)
            forward.applied(frame)

        both: Listener = Both(recorder, forward)
        return Interception(both, applied)

    def abandon(self) -> None:
        """Take everything back."""
        if self._interception is not None:
            self._interception.stop()
        if self._recorder is not None:
            self._recorder.forget()
        self._recorder = self._interception = None
        self._passes, self._before = Passes(self._optimizers), {}
        self._depth, self._closure, self._reason = 0, False, None

    def _is_parameter(self, tensor: Tensor) -> bool:
        return self._names.index(tensor) is not None

    # ---- backward ---------------------------------------------------------------------------

    def around(
        self,
        measure: OnBackward,
        outputs: Sequence[Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Callable[[], None] | None:
        """Step aside for a backward pass, which `measure` is told of; see `entry.attach`."""
        leave = self.enter(outputs, args, kwargs)
        done: Callable[[], None] | None = measure(outputs, args, kwargs)
        if leave is None:
            return done

        def end() -> None:
            if done is not None:
                done()
            leave()

        return end

    def enter(
        self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Callable[[], None] | None:
        """A backward pass is about to begin; see `entry.attach`.

        Returns:
            To be called when it is done; None if nothing is captured.
        """
        recorder, interception = self._recorder, self._interception
        if recorder is None or interception is None:
            return None
        began = time.perf_counter()
        resume = interception.suspend()
        self._depth += 1
        found = None
        try:
            if self._depth == 1 and not self._closed:
                with unseen(), torch.no_grad():
                    found = self._begin(recorder, outputs, args, kwargs)
        except Exception as error:
            self._give_up(f"chainrule failed to record a backward pass ({error})")
            _guard.report("recording a backward pass", error)
        self.recording_s += time.perf_counter() - began
        return lambda: self._leave(found, resume)

    @property
    def _closed(self) -> bool:
        """True if the loss of this step is known: a closure is at other weights after its first."""
        return self._reason is not None or (self._closure and bool(self._passes))

    def _begin(
        self,
        recorder: Recorder,
        outputs: Sequence[Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Pass | None:
        accumulates = bool(kwargs.get("accumulate_grad", True))
        create_graph = bool(args[2]) if len(args) > 2 else False
        inputs = args[3] if len(args) > 3 and args[3] else ()
        if not accumulates and (create_graph or not any(self._is_weight(t) for t in inputs)):
            return None  # part of a computation; it is an operation like others
        if any(isinstance(output, GradientEdge) for output in outputs):
            self._give_up("a backward pass starts from a node of the graph, not from a tensor")
            return None
        if self._passes.full:
            self._give_up(f"it has more than {MOST_PASSES} backward passes")
            return None
        given = args[0] if args and len(args[0]) == len(outputs) else (None,) * len(outputs)
        seeds = tuple(
            None if seed is None or (seed.numel() == 1 and bool(seed == 1)) else seed.clone()
            for seed in given
        )
        roots = tuple(recorder.pin(output) for output in outputs)
        if any(root is None for root in roots):
            self._give_up("its loss was computed where it could not be seen")
            return None
        term = Term(
            tuple(root for root in roots if root is not None),
            seeds,
            scaling.scale_of(outputs[0]),
            tuple(output.detach().clone() for output in outputs),
        )
        found = self._passes.begin(term, returned=not accumulates)
        recorder.next_stretch()
        if self._closure:
            recorder.freeze()
        return found

    def _is_weight(self, tensor: Any) -> bool:
        return isinstance(tensor, Tensor) and self._is_parameter(tensor)

    def _leave(self, found: Pass | None, resume: bool) -> None:
        began = time.perf_counter()
        self._depth = max(0, self._depth - 1)
        try:
            if found is not None:
                with unseen(), torch.no_grad():
                    self._passes.end(found)
        except Exception as error:
            self._give_up(f"chainrule failed to record a backward pass ({error})")
            _guard.report("recording the end of a backward pass", error)
        if resume and self._interception is not None and not (self._closure and self._passes):
            self._interception.resume()
        self.recording_s += time.perf_counter() - began

    def _give_up(self, reason: str) -> None:
        self._reason = self._reason or reason
        if self._recorder is not None:
            self._recorder.give_up(self._reason)

    # ---- the optimizer ----------------------------------------------------------------------

    def before_step(self, optimizer: Optimizer, *, closure: bool) -> None:
        """The optimizer is about to step.

        Args:
            optimizer: It.
            closure: True if it evaluates the loss itself.
        """
        recorder, interception = self._recorder, self._interception
        if recorder is None or interception is None:
            return
        with unseen():
            self._keep(recorder, interception, optimizer, closure)

    def _keep(
        self,
        recorder: Recorder,
        interception: Interception,
        optimizer: Optimizer,
        closure: bool,
    ) -> None:
        self._before = {}
        if (reason := too_large(optimizer)) is not None:
            self._give_up(reason)
        if self._reason is not None or recorder.reason is not None:
            interception.suspend()
            return
        self._closure = closure and not self._passes
        if not self._closure:
            interception.suspend()
            recorder.pause()
            self._passes.discard(optimizer)
            if self._passes:
                recorder.freeze()
        else:
            recorder.freeze({id(p) for group in optimizer.param_groups for p in group["params"]})
        with torch.no_grad():
            for p in (p for group in optimizer.param_groups for p in group["params"]):
                if p.requires_grad:
                    self._before[self._name(p)] = (p, p.detach().clone())

    def _name(self, p: Tensor) -> str:
        index = self._names.index(p)
        known = self._names.parameters[index].name if index is not None else ""
        name = known or f"parameter{len(self._before)}"
        while name in self._before:
            name += "'"
        return name

    def after_step(
        self, optimizer: Optimizer, index: int, step: int, *, last: bool
    ) -> Capture | None:
        """The optimizer has stepped: what was captured.

        Args:
            optimizer: It.
            index: Its number.
            step: The step that ends here.
            last: False if other optimizers have yet to step.

        Returns:
            The capture; None if nothing was being captured.
        """
        recorder, interception = self._recorder, self._interception
        if recorder is None or interception is None:
            return None
        interception.suspend()
        self.recording_s, recorder.own_s = self.recording_s + recorder.own_s, 0.0
        try:
            with unseen():
                capture = self._capture(recorder, optimizer, index, step)
        except Exception as error:
            capture = Capture(step=step, optimizer_index=index)
            capture.reason = f"chainrule failed to capture it ({type(error).__name__}: {error})"
            _guard.report("capturing a step", error)
        if last:
            self.abandon()
        else:
            self._closure = False
            recorder.returned.clear()
            self._passes.next_update()
            interception.resume()
        return capture

    def _capture(self, recorder: Recorder, optimizer: Optimizer, index: int, step: int) -> Capture:
        rate = optimizer.param_groups[0].get("lr") if optimizer.param_groups else None
        capture = Capture(
            step=step,
            optimizer_index=index,
            learning_rate=math.nan if rate is None else float(rate),
        )
        passes = self._passes.of_update
        capture.reason = self._reason or recorder.reason
        if capture.reason is None and not passes:
            capture.reason = "no backward pass was seen in it"
        if capture.reason is not None:
            return capture
        found = recorder.recorded([root for p in passes for root in p.term.roots])
        capture.reason, capture.notes = found.reason, found.notes
        if capture.reason is not None:
            return capture
        names = {id(p): name for name, (p, _) in self._before.items()}
        data: dict[int, Datum] = dict(found.data)
        leaves: dict[int, str] = {}
        for slot, leaf in found.leaves.items():
            tensor = leaf.tensor()
            name = names.get(id(tensor)) if tensor is not None else None
            if name is not None and self._unmoved(leaf.value, self._before[name][1]):
                leaves[slot] = name
            elif leaf.value is not None:
                data[slot] = Datum(leaf.value, requires_grad=True, changes=leaf.changes)
            else:
                capture.reason = "a leaf of its graph was gone before its value was kept"
                return capture
        if not leaves:
            capture.reason = "its loss does not depend on the parameters of this optimizer"
            return capture
        capture.parameters = {n: real_view(value) for n, (_, value) in self._before.items()}
        with torch.no_grad():
            capture.update = {
                n: real_view(p.detach() - value) for n, (p, value) in self._before.items()
            }
            capture.program = Program(
                found.operations,
                data,
                leaves,
                frozenset(n for n, (p, _) in self._before.items() if p.is_complex()),
                [p.term for p in passes],
            )
            capture.loss = float(capture.program.total([p.term.values for p in passes]))
        if not math.isfinite(capture.loss):
            capture.reason = "its loss is not finite"
            return capture
        live = {name: p for name, (p, _) in self._before.items()}
        capture.evidence = evidence(passes, live, recorder.returned)
        capture.preconditioner = _preconditioner(optimizer, live)
        count_memory(capture, data)
        return capture

    @staticmethod
    def _unmoved(then: Tensor | None, now: Tensor) -> bool:
        """True if a leaf had the value that θ has."""
        return then is not None and then.shape == now.shape and same(then, now)


def _preconditioner(optimizer: Optimizer, parameters: dict[str, Tensor]) -> Preconditioner | None:
    try:
        return preconditioner(optimizer, parameters)
    except Exception:  # an optimizer whose preconditioner nobody has worked out
        return None


def has_closure(args: Any, kwargs: Any) -> bool:
    """True if an optimizer's step was given a function that evaluates the loss again."""
    return any(callable(a) for a in args or ()) or (kwargs or {}).get("closure") is not None


def obstacle() -> str | None:
    """Why calls cannot be listened to now, so that no step can be captured."""
    if foreign_modes():
        return "a function mode or dispatch mode of the script is on, which would see the recording"
    frames: Any = sys.modules.get("torch._dynamo.eval_frame")
    if any(backend is not None for backend in getattr(frames, "cached_backends", {}).values()):
        return (
            "torch.compile is in use: its code is chosen by what is on while it runs, so a "
            "recording would change the run"
        )
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return "several processes train together"
    if torch._C._get_tracing_state() is not None:
        return "torch.jit traces the script"
    return None
