"""The optimizers of a run: their numbers, what they hold, and which of them are in use."""

import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from chainrule.records import OptimizerOutline

from .hyperparameters import plain
from .names import Names
from .sink import Sink

_LONGEST_ROUND = 8
"""Steps between two steps of one optimizer up to which a sample waits for it: a critic is often
trained five times for each step of its generator. A rarer one is sampled when its turn is met."""


@dataclass(slots=True)
class MetOptimizer:
    """What is known of an optimizer.

    Attributes:
        number: Its number, given once: the optimizer of a model that is gone keeps its own.
        held: How many tensors it holds.
        rate: Its learning rate.
        last: The step that it made last; -1 before the first.
        gap: Steps from its last step but one to its last; None before it has stepped twice.
        thread: The thread that stepped it last.
    """

    number: int
    held: int = 0
    rate: float | None = None
    last: int = -1
    gap: int | None = None
    thread: int = 0

    def stepped(self, step: int, thread: int) -> None:
        """It made a step."""
        if self.last >= 0:
            self.gap = step - self.last
        self.last = step
        self.thread = thread


class Optimizers:
    """The optimizers met so far that are still alive.

    Args:
        names: Where the tensors that they hold are named.
        sink: Where they are recorded.
    """

    def __init__(self, names: Names, sink: Sink) -> None:
        self._names = names
        self._sink = sink
        self._met: weakref.WeakKeyDictionary[Optimizer, MetOptimizer] = weakref.WeakKeyDictionary()
        self._count = 0

    def __iter__(self) -> Iterator[Optimizer]:
        """Those that this thread steps.

        The gradients of others must not even be read: a backward pass in another thread holds no
        lock while it puts new ones in their place, and reading one then may crash the process.
        """
        thread = threading.get_ident()
        return (each for each, met in self.met() if met.thread == thread)

    def knows(self, optimizer: Optimizer) -> bool:
        """True if it was met."""
        return optimizer in self._met

    def met(self) -> list[tuple[Optimizer, MetOptimizer]]:
        """All of them, whichever thread steps them."""
        return list(self._met.items())

    def number(self, optimizer: Optimizer) -> int:
        """Its number in this run, from 0."""
        return self._met[optimizer].number

    def __len__(self) -> int:
        """How many were met so far."""
        return self._count

    def meet(self, optimizer: Optimizer, frame: FrameType | None, kind: str = "") -> None:
        """First step of an optimizer: number it, name its tensors.

        Args:
            optimizer: It.
            frame: Where it is stepped.
            kind: What it is called; its class if empty.
        """
        number = self._count
        self._count += 1
        self._met[optimizer] = MetOptimizer(number, thread=threading.get_ident())
        tensors = tensors_of(optimizer)
        self._names.add_from_frames(frame, tensors)
        self._names.add_tensors(tensors, frame)
        self.follow_groups(optimizer)
        group = optimizer.param_groups[0] if optimizer.param_groups else {}
        self._sink.add_optimizer(
            OptimizerOutline(
                index=number, kind=kind or type(optimizer).__name__, hyperparameters=plain(group)
            )
        )
        self._sink.describe(str(tensors[0].device) if tensors else "cpu")
        for parameter in self._names.fresh():
            self._sink.add_parameter(parameter)

    def follow_groups(self, optimizer: Optimizer) -> None:
        """Note which parameters an optimizer holds; groups may be added while training."""
        met = self._met.get(optimizer)
        tensors = tensors_of(optimizer)
        if met is None or met.held == len(tensors):
            return
        met.held = len(tensors)
        self._names.add_tensors(tensors, None)
        for tensor in tensors:
            index = self._names.index(tensor)
            if index is not None:
                self._names.hold(index, met.number)

    def stepped(self, optimizer: Optimizer, step: int) -> int:
        """An optimizer made a step: note when, and the learning rate where it changed.

        Returns:
            Its number; that of the first if it was never met.
        """
        met = self._met.get(optimizer)
        if met is None:
            return 0
        met.stepped(step, threading.get_ident())
        rate = optimizer.param_groups[0].get("lr") if optimizer.param_groups else None
        self.follow_rate(met, rate, step)
        return met.number

    def follow_rate(self, met: MetOptimizer, rate: Any, step: int) -> None:
        """Note the learning rate of a step where it changed."""
        if isinstance(rate, Tensor):
            if rate.device.type != "cpu":
                return
            rate = rate.item()
        if isinstance(rate, (int, float)) and met.rate != rate:
            met.rate = rate
            self._sink.point(f"learning_rate/{met.number}", step, float(rate))

    def in_turn(self, step: int) -> set[int]:
        """Numbers of those that take turns with the one that made this step, itself included.

        Those are expected to step again soon. One whose next step is long overdue is no longer
        in use: it stays alive, as optimizers of an earlier stage of training do.
        """
        return {
            met.number
            for met in list(self._met.values())
            if met.last == step or self._expected(met, step)
        }

    def _expected(self, met: MetOptimizer, step: int) -> bool:
        gap = len(self._met) if met.gap is None else met.gap
        return met.last >= 0 and gap <= _LONGEST_ROUND and step - met.last <= 2 * gap


def tensors_of(optimizer: Optimizer) -> list[Tensor]:
    """The tensors that an optimizer holds."""
    return [p for group in optimizer.param_groups for p in group["params"]]
