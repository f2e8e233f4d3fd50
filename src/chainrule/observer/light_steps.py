"""Steps that are not measured, by the shortest way.

In a training process a line of Python takes several times as long as elsewhere, since the script's
own work has filled the caches between any two of them: what is not in the cache, be it an object's
attributes or the code of a call, costs up to 8 µs, where it takes 0.6 at once after. So a light
step touches as little as it can. Its loss is noted, and the rest (whose turn it was; is it time for
a sample, for a capture, for a flush?) is asked once in sixteen steps, for all of them together.
"""

import math
import weakref
from collections.abc import Sequence
from threading import get_ident
from time import perf_counter
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from . import scaling
from .cuda_graphs import is_recording
from .followed_thread import FollowedThread
from .governor import EARLY, Governor
from .losses import Losses
from .modes import active, dispatch_modes, function_modes
from .narrowing import Narrowing
from .optimizers import MetOptimizer, Optimizers
from .present import Present
from .probes import Probes

STRIDE = 16
"""Steps after which it is asked again: a sample comes later by half of that, where it comes every
few hundred steps."""

_MOST_S = 0.25  # that so many steps may take: a run is seen to go on, and is flushed every second


class LightSteps:
    """Passes and steps of which nothing but the loss counts.

    Args:
        present: The present step.
        governor: Told how long they took.
        probes: Told their losses.
        losses: Told them too, to be written.
        optimizers: Told whose turn it was.
        narrowing: Which passes and optimizers count.
        thread: The thread that is followed.

    Attributes:
        until: The step from which on all is asked again; earlier ones end by the short way.
        alarm: A loss above which that is at once.
    """

    __slots__ = (
        "_governor",
        "_ident",
        "_known",
        "_losses",
        "_narrowing",
        "_optimizers",
        "_present",
        "_probes",
        "_thread",
        "_waiting",
        "_whose",
        "alarm",
        "until",
    )

    def __init__(
        self,
        present: Present,
        governor: Governor,
        probes: Probes,
        losses: Losses,
        optimizers: Optimizers,
        narrowing: Narrowing,
        thread: FollowedThread,
    ) -> None:
        self._present = present
        self._governor = governor
        self._probes = probes
        self._losses = losses
        self._optimizers = optimizers
        self._narrowing = narrowing
        self._thread = thread
        self._ident = 0
        self._known: dict[int, tuple[weakref.ref[Optimizer], MetOptimizer]] = {}
        self._whose: MetOptimizer | None = None  # the step that is being made, if it is a light one
        self._waiting: list[tuple[MetOptimizer, int, float, bool, float, float]] = []
        self.until = 0
        self.alarm = math.inf

    def enter(self, outputs: Sequence[Any]) -> bool:
        """A backward pass begins: note its loss if nothing else about it counts.

        Returns:
            False if something does, and nothing was done.
        """
        began = perf_counter()
        present = self._present
        first = outputs[0] if outputs else None
        # What is dear to ask comes last. Inside of `torch.func` there is no `backward()`.
        if (
            present.step >= self.until
            or type(first) is not Tensor
            or present.evaluation is not None
            or present.inside_step is not None
            or self._narrowing.on
            or get_ident() != self._ident
            or dispatch_modes()
            or function_modes()
            or not first.is_cpu
        ):
            return False
        if first.numel() == 1:
            try:
                if scaling.any_scaler and scaling.scale_of(first) != 1.0:
                    return False
                loss = first.item()
            except Exception:  # met again, and told, where all is done that a pass needs
                return False
            if type(loss) is not float or loss - loss != 0.0:  # ∞ − ∞ and NaN − NaN are NaN
                return False
            self._losses.of_step.append(loss)
        present.passes += 1
        present.own_s += perf_counter() - began
        return True

    def before_step(self, optimizer: Optimizer, began: float) -> bool:
        """An optimizer is about to step; True if that is a light step."""
        present = self._present
        self._whose = None
        if present.step >= self.until or get_ident() != self._ident:
            return False
        known = self._known.get(id(optimizer))
        if known is None or known[0]() is not optimizer or (present.on_gpu and is_recording()):
            return False
        self._whose = known[1]
        present.inside_step = optimizer
        present.own_s += perf_counter() - began
        return True

    def after_step(self, optimizer: Optimizer, began: float) -> bool:
        """It has stepped; False if that was no light step, and nothing was done."""
        present, met = self._present, self._whose
        if (
            met is None
            or present.inside_step is not optimizer
            or present.evaluated
            or get_ident() != self._ident
        ):
            return False
        groups = optimizer.param_groups
        rate = groups[0].get("lr") if groups else None
        if isinstance(rate, Tensor) and active():
            return False  # to read it would be seen
        self._whose = present.inside_step = None
        step = present.step
        present.step = step + 1
        if rate is not met.rate or type(rate) is not float:
            self._optimizers.follow_rate(met, rate, step)
        losses = self._losses
        seen = losses.of_step
        total = seen[0] if len(seen) == 1 else None
        if type(total) is float and not losses.from_closure:
            seen.clear()
        else:
            total = losses.take()
        loss = total if isinstance(total, float) else math.nan
        if isinstance(total, Tensor):
            losses.wait(step, met.number, total)
        last, present.ended_s = present.ended_s, perf_counter()
        own_s = present.own_s + present.ended_s - began
        self._waiting.append((met, step, loss, total is not loss, began - last, own_s))
        present.own_s = 0.0
        if loss > self.alarm:
            self.until = 0
        return True

    def settle(self) -> None:
        """Account for those that wait."""
        while self._waiting:  # an interrupt in between leaves the others there
            met, step, loss, unknown, duration_s, own_s = self._waiting.pop(0)
            if not unknown:
                self._losses.note(step, met.number, loss)
            met.stepped(step, self._ident)
            self._probes.saw(loss)
            self._governor.light(duration_s, own_s)

    def plan(self, step: int) -> None:
        """Nothing is to be done at the given step: the next few may be light ones."""
        governor = self._governor
        soon = governor.light_s * STRIDE < _MOST_S  # False before any is known
        self.until = step + STRIDE if step > EARLY and governor.every is None and soon else 0
        self.alarm = self._probes.alarm
        self._ident = self._thread.ident
        ignores, met = self._narrowing.ignores, self._optimizers.met()
        self._known = {id(o): (weakref.ref(o), m) for o, m in met if not ignores(o)}
