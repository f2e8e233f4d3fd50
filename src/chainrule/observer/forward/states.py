"""The parameters before a step: whether their units differ, and what gradients they still had."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule.observer.names import Names
from chainrule.records import ParameterState

from .twins import twin_pairs, twins_among
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
        self._spreads: dict[int, float] = {}
        self._pairs: dict[int, Tensor] = {}
        self._looked_at: set[int] = set()
        self._paired: set[int] = set()

    def start(self) -> None:
        """A step begins."""
        self._carried.clear()
        self._spreads.clear()
        self._pairs.clear()

    def begins(self, leaves: Iterable[Tensor], columns: Iterable[int]) -> None:
        """A backward pass begins: before the first of a step, `.grad` is what was left there.

        Optimizers may share a pass, and one may clear its gradients only before a later pass of
        the round: what is 0 before any pass since its step was left by none.

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
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                tensors.update((id(t), t) for t in group["params"])
        for key, t in tensors.items():
            if t.is_leaf and self._carried.get(key, math.inf) > 0:
                now = 0.0 if t.grad is None else rms_of(t.grad)
                if key not in self._carried or now == 0:
                    self._carried[key] = now

    def before_step(self, tensors: Iterable[Tensor]) -> None:
        """An optimizer is about to step."""
        known = [(n, t) for t in tensors if (n := self._names.index(t)) is not None]
        self._spreads = {number: spread_of(t, self._axis(number, t)) for number, t in known}
        self._pairs.clear()
        for number, t in known:
            if t.dim() >= 2 and (number in self._paired or number not in self._looked_at):
                self._pair(number, t)

    def _pair(self, number: int, t: Tensor) -> None:
        """Look for units that are the same; where there are none, not again."""
        self._looked_at.add(number)
        pairs = twin_pairs(t, self._axis(number, t))
        if pairs is None:
            self._paired.discard(number)
        else:
            self._paired.add(number)
            self._pairs[number] = pairs

    def _axis(self, number: int, t: Tensor) -> int:
        return t.dim() - 1 if number in self._columns and t.dim() else 0

    def after_step(self, tensors: Sequence[Tensor]) -> tuple[ParameterState, ...]:
        """It has stepped, with gradients that are still there unless it threw them away."""
        found = []
        for t in tensors:
            number = self._names.index(t)
            if number is None or number not in self._spreads:
                continue
            g, pairs, axis = t.grad, self._pairs.get(number), self._axis(number, t)
            twins = twins_among(pairs, g, axis) if pairs is not None and g is not None else 0
            found.append(
                ParameterState(
                    parameter=number,
                    unit_spread=self._spreads[number],
                    gradient_spread=math.nan
                    if g is None or g.layout is not torch.strided
                    else spread_of(g, axis),
                    carried=self._carried.get(id(t), 0.0),
                    twins=twins,
                    units=t.shape[axis] if twins else 0,
                )
            )
        self._spreads.clear()
        self._pairs.clear()
        for t in tensors:
            self._carried.pop(id(t), None)  # those of an optimizer that is yet to step stay
        return tuple(found)
