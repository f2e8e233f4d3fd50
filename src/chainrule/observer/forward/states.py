"""The parameters before a step: whether their units differ, and what gradients they still had."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule.observer.names import Names
from chainrule.records import ParameterState

from .values import rms_of, spread_of


class States:
    """The parameters of the step that is being looked at.

    Args:
        names: Their numbers.
        optimizers: Those met so far.
    """

    def __init__(self, names: Names, optimizers: Iterable[Optimizer]) -> None:
        self._names = names
        self._optimizers = optimizers
        self._columns: set[int] = set()
        self._carried: dict[int, float] = {}
        self._looked = False
        self._spreads: dict[int, float] = {}

    def start(self) -> None:
        """A step begins."""
        self._carried.clear()
        self._spreads.clear()
        self._looked = False

    def begins(self, leaves: Iterable[Tensor], columns: Iterable[int]) -> None:
        """A backward pass begins: before the first of a step, `.grad` is what was left there.

        Args:
            leaves: What it reaches.
            columns: Identities of weights whose units lie along the last axis, as in `x @ W`.
        """
        right = set(columns)
        tensors = {id(t): t for t in leaves}
        for t in tensors.values():
            number = self._names.index(t) if id(t) in right else None
            if number is not None:
                self._columns.add(number)
        if self._looked:
            return
        self._looked = True
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                tensors.update((id(t), t) for t in group["params"])
        for key, t in tensors.items():
            if t.is_leaf and t.grad is not None:
                self._carried[key] = rms_of(t.grad)

    def before_step(self, tensors: Iterable[Tensor]) -> None:
        """An optimizer is about to step."""
        self._spreads = {
            number: spread_of(t, self._axis(number, t))
            for t in tensors
            if (number := self._names.index(t)) is not None
        }

    def _axis(self, number: int, t: Tensor) -> int:
        return t.dim() - 1 if number in self._columns and t.dim() else 0

    def after_step(self, tensors: Iterable[Tensor]) -> tuple[ParameterState, ...]:
        """It has stepped, with gradients that are still there unless it threw them away."""
        found = []
        for t in tensors:
            number = self._names.index(t)
            if number is None or number not in self._spreads:
                continue
            g = t.grad
            found.append(
                ParameterState(
                    parameter=number,
                    unit_spread=self._spreads[number],
                    gradient_spread=math.nan
                    if g is None or g.layout is not torch.strided
                    else spread_of(g, self._axis(number, t)),
                    carried=self._carried.get(id(t), 0.0),
                )
            )
        self.start()
        return tuple(found)
