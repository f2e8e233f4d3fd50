"""What one optimizer step did to each parameter: ‖∂L/∂w‖, ‖w‖ and ‖Δw‖.

Weights are kept from just before the step to just after it; gradients are read after the step,
where closures, fused optimizers and gradient scalers have left what was really used.
"""

import math
import weakref
from dataclasses import dataclass, field
from operator import mul

import torch
from torch import Tensor

from chainrule.records import ParameterSample

from .modes import ungraded
from .norms import alike, before_and_between, dense, norm, norms, resolve

_WHOLE = 2**26  # elements kept in full over all parameters (256 MiB of float32); beyond, a part
_PART = 2**16  # elements kept of each tensor then: RMS known to about 0.4 %
_REUSED = 2**22  # elements up to which the copies stay allocated between samples (16 MiB)


Arrived = dict[int, tuple[weakref.ref[Tensor], int, float]]
"""By identity of a parameter a gradient that a pass brought it, its version then, and its norm."""


@dataclass(slots=True)
class Snapshot:
    """Weights before a step.

    Attributes:
        tensors: The parameters.
        before: Their values, all or a part of each.
        whole: True if all values are kept.
        plain: True if fused calls can take the parameters as they are.
        flat: If so, each of `before` as a vector, the same memory.
        gradients: ‖∂L/∂w‖ of each, if it is known now; None if `.grad` tells it after the step.
        arrived: Gradients that are still what they were, unless their versions tell otherwise.
    """

    tensors: list[Tensor]
    before: list[Tensor]
    whole: bool
    plain: bool
    flat: list[Tensor]
    gradients: list[float | None] | None = None
    arrived: Arrived = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What a step did to each parameter: one number a parameter in each list.

    Attributes:
        indices: Its number; -1 for one that does not count.
        gradients: ‖∂L/∂w‖; None if it had no gradient.
        weights: ‖w‖ before the step, of what was kept of w.
        updates: ‖Δw‖ of that.
        parts: Elements of w for each one kept; empty if all are kept.
    """

    indices: list[int]
    gradients: list[float | None]
    weights: list[float]
    updates: list[float]
    parts: list[float]

    def samples(self) -> tuple[ParameterSample, ...]:
        """What is written of it."""
        weights, updates = self.weights, self.updates
        estimated = [False] * len(weights)
        if self.parts:
            scales = [math.sqrt(part) for part in self.parts]
            weights, updates = ([*map(mul, kept, scales)] for kept in (weights, updates))
            estimated = [part > 1 for part in self.parts]
        rows = zip(self.indices, self.gradients, weights, updates, estimated, strict=True)
        return tuple([ParameterSample._make(row) for row in rows if row[0] >= 0])


class Keeper:
    """Keeps weights over a step. Small models reuse one set of buffers from sample to sample."""

    def __init__(self) -> None:
        self._buffers: list[Tensor] = []
        self._flat: list[Tensor] = []
        self._shapes: list[torch.Size] = []

    @ungraded
    def take(self, tensors: list[Tensor]) -> Snapshot:
        """Keep the weights as they are now."""
        total = sum(t.numel() for t in tensors)
        whole = total <= _WHOLE
        plain = whole and alike(tensors)
        if plain and total <= _REUSED:
            shapes = [t.shape for t in tensors]
            if shapes != self._shapes or self._buffers[0].device != tensors[0].device:
                self._flat = [torch.empty(t.numel(), device=t.device) for t in tensors]
                self._buffers = [x.view(t.shape) for x, t in zip(self._flat, tensors, strict=True)]
                self._shapes = shapes
            torch._foreach_copy_(self._buffers, tensors)
            return Snapshot(tensors, self._buffers, whole, plain, self._flat)
        if not plain:
            kept = [_kept(t, whole).detach().clone() for t in tensors]
            return Snapshot(tensors, kept, whole, plain, [])
        kept = [t.detach().clone(memory_format=torch.contiguous_format) for t in tensors]
        return Snapshot(tensors, kept, whole, plain, [t.view(-1) for t in kept])


@ungraded
def compare(snapshot: Snapshot, indices: list[int]) -> Changes:
    """Compare the weights with those kept; the kept ones are used up.

    Args:
        snapshot: Them.
        indices: The number of each parameter; -1 for one that does not count.
    """
    tensors, before = snapshot.tensors, snapshot.before
    gradients = snapshot.gradients
    if gradients is None:
        gradients = _gradient_norms(tensors, snapshot.arrived)
    if snapshot.plain and snapshot.gradients is None:
        weights, updates = before_and_between(before, tensors, snapshot.flat)
        return Changes(indices, gradients, weights, updates, [])
    weights = norms(before)
    moved = [norm(b - _kept(t, snapshot.whole)) for b, t in zip(before, tensors, strict=True)]
    parts = [t.numel() / max(1, b.numel()) for t, b in zip(tensors, before, strict=True)]
    return Changes(indices, gradients, weights, resolve(moved), parts)


def _gradient_norms(tensors: list[Tensor], arrived: Arrived) -> list[float | None]:
    found: list[float | None] = []
    unknown: list[tuple[int, Tensor]] = []
    for at, t in enumerate(tensors):
        g = t.grad
        known = arrived.get(id(t))
        if g is not None and known is not None and known[0]() is g and known[1] == g._version:
            found.append(known[2])
            continue
        found.append(None)
        if g is not None:
            unknown.append((at, g))
    for (at, _), value in zip(unknown, norms([g for _, g in unknown]), strict=True):
        found[at] = value
    return found


def _kept(tensor: Tensor, whole: bool) -> Tensor:
    values = tensor.detach()
    if type(values) is not Tensor or values.layout is not torch.strided:
        values = dense(values)
    if whole or values.numel() <= _PART:
        return values
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    return flat[:: -(-flat.numel() // _PART)]
