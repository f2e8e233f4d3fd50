"""Parameters that may never move: held without a gradient, or with a gradient and held by none.

Both are claims about every step of the run, so a few sampled steps do not settle them. In most runs
no parameter is of either kind, and then nothing is looked at.
"""

import math
from collections.abc import Iterable

from torch import Tensor

from .names import Names
from .norms import norm, resolve
from .sink import Sink


class Resting:
    """Follows such parameters and keeps their records true.

    Attributes:
        waiting: Numbers of parameters that an optimizer holds and that never had a gradient so far.
    """

    def __init__(self, names: Names, sink: Sink) -> None:
        self._names = names
        self._sink = sink
        self.waiting: list[int] = []
        self._reached: set[int] = set()
        self._norms: dict[int, float] = {}
        self._trained: set[int] = set()

    def stepped(self) -> None:
        """An optimizer has stepped; call it on every step while some are `waiting`."""
        arrived = [i for i in self.waiting if self._has_gradient(i)]
        if not arrived:
            return
        self._reached.update(arrived)
        self.waiting = [i for i in self.waiting if i not in self._reached]
        for i in arrived:
            self._names.amend(i, without_gradient=False)
        self._write()

    def reach(self, parameters: Iterable[int]) -> None:
        """These have a gradient, though it may be gone before `.grad` is looked at."""
        self._reached.update(parameters)

    def look(self) -> None:
        """A sampled step is over: find such parameters, and which of them were moved by hand."""
        unheld: list[int] = []
        for i, parameter in enumerate(self._names.parameters):
            if not parameter.requires_grad or i in self._reached or i in self.waiting:
                continue
            if self._tensor(i) is None:
                continue
            if not parameter.optimizers:
                unheld.append(i)
            elif self._has_gradient(i):
                self._reached.add(i)
            else:
                self.waiting.append(i)
                self._names.amend(i, without_gradient=True)
        if unheld:
            self._follow(unheld)
        self._write()

    def _follow(self, unheld: list[int]) -> None:
        alive = [(i, t) for i in unheld if (t := self._tensor(i)) is not None]
        evaluating = self._names.evaluating()
        for (i, _), now in zip(alive, resolve([norm(t) for _, t in alive]), strict=True):
            known = self._names.parameters[i]
            before = self._norms.setdefault(i, now)
            if now != before and not math.isnan(now) and not known.moved_by_hand:
                self._names.amend(i, moved_by_hand=True)
            if i not in evaluating:
                self._trained.add(i)
            rests = i not in self._trained
            if rests != known.evaluating:
                self._names.amend(i, evaluating=rests)

    def _tensor(self, index: int) -> Tensor | None:
        return self._names.tensors[index]()

    def _has_gradient(self, index: int) -> bool:
        tensor = self._tensor(index)
        return tensor is not None and tensor.grad is not None

    def _write(self) -> None:
        for parameter in self._names.fresh():
            self._sink.add_parameter(parameter)
