"""The loss at every step, without waiting for a device.

On the CPU a loss is read at once (a microsecond), and so it is where the device has nothing left
to do: after small operations, or where the script itself has just read a number. Otherwise a copy
stays on the device and is fetched with many others in one transfer. To wait at each step would
cost, measured on an H100, 1 to 2 ms of steps of 18 to 170 ms.
"""

import math
import time

import torch
from torch import Tensor

from . import norms
from .sink import Sink

_FETCH = 64  # losses kept on the device before one transfer


class Losses:
    """Sums the losses of a step's backward passes and hands the step's loss on.

    Attributes:
        of_step: Losses of the present step's passes, scaling undone: floats, or 0-dim tensors that
            are still on their device.
        from_closure: True if the last of them came from a closure.
        latest: The last loss seen by `see`, as in `of_step`.
        waited_s: Seconds in which a device did the script's own work before a loss was there, since
            they were last asked for.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.latest: float | Tensor = math.nan
        self.waited_s = 0.0
        self.of_step: list[float | Tensor] = []
        self._waiting: list[tuple[str, int, Tensor]] = []
        self.from_closure = False

    def see(self, loss: Tensor, scale: float, *, closure: bool, wait: bool = False) -> bool:
        """A backward pass starts from `loss`.

        A closure may be called many times in one step; the first value counts. On a sampled
        step (`wait`) the value is read at once from any device.

        Returns:
            False if the loss is known to be NaN or infinite.
        """
        if scale == 1.0 and loss.is_cpu:
            return self._add(loss.item(), closure)
        ready = loss.is_cpu or _is_ready(loss)
        if wait or ready:
            began = time.perf_counter()
            number = loss.item()
            if not ready:
                self.waited_s += time.perf_counter() - began
            number = number.real / scale
            if scale != 1.0 and math.isinf(number):
                self.latest = number
                return True  # the scaling overflowed, as a GradScaler expects; the loss is unknown
            return self._add(number, closure)
        value = loss.detach()
        return self._add(value / scale if scale != 1.0 else value.clone(), closure)

    def _add(self, loss: complex | Tensor, closure: bool) -> bool:
        """A further loss of the step; False if it is known to be NaN or infinite."""
        number = loss if isinstance(loss, Tensor) else float(loss.real)
        self.latest = number
        if not (closure and self.from_closure):
            self.of_step.append(number)
        self.from_closure = closure
        return isinstance(number, Tensor) or math.isfinite(number)

    def end_step(self, step: int, optimizer: int) -> float:
        """The optimizer has stepped: the step's loss is the sum over its backward passes.

        Returns:
            The loss; NaN if there was none or it is still on a device.
        """
        total = self.take()
        if total is None:
            return math.nan
        if isinstance(total, Tensor):
            self.wait(step, optimizer, total)
            return math.nan
        self.note(step, optimizer, total)
        return total

    def take(self) -> float | Tensor | None:
        """The sum of the present step's losses, which begin anew; None if there were none."""
        self.from_closure = False
        if not self.of_step:
            return None
        total, *others = self.of_step
        self.of_step.clear()
        for further in others:
            if isinstance(total, Tensor) and isinstance(further, Tensor):
                further = further.to(total.device)
            total = total + further
        return total

    def wait(self, step: int, optimizer: int, loss: Tensor) -> None:
        """The loss of a step is still on its device."""
        self._waiting.append((_series(optimizer), step, loss))
        if len(self._waiting) >= _FETCH:
            self.settle()

    def note(self, step: int, optimizer: int, loss: float) -> None:
        """The loss of a step is known."""
        self._sink.point(_series(optimizer), step, loss)

    def take_waited(self) -> float:
        """`waited_s`, which begins anew."""
        waited, self.waited_s = self.waited_s, 0.0
        return waited

    def forget(self) -> None:
        """The passes since the last step belong to no step that counts."""
        self.of_step.clear()
        self.from_closure = False

    def settle(self) -> None:
        """Fetch the losses that are still on a device."""
        waiting, self._waiting = self._waiting, []
        numbers = norms.resolve([loss.detach().reshape(()) for _, _, loss in waiting])
        for (series, step, _), number in zip(waiting, numbers, strict=True):
            self._sink.point(series, step, number)


def _series(optimizer: int) -> str:
    return "loss" if optimizer == 0 else f"loss/{optimizer}"


def _is_ready(loss: Tensor) -> bool:
    """True if the device has done all that it was given, so that reading is not waiting.

    Asked is the stream that the backward pass begins on. A script that has PyTorch tell it of each
    wait for a device would be told of ours, so it has none.
    """
    return (
        loss.is_cuda
        and not torch.cuda.get_sync_debug_mode()
        and torch.cuda.current_stream(loss.device).query()
    )
