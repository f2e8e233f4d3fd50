"""What one optimizer step did to each parameter: ‖∂L/∂w‖, ‖w‖ and ‖Δw‖.

Weights are kept from just before the step to just after it; gradients are read after the step,
where closures, fused optimizers and gradient scalers have left what was really used.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.records import ParameterSample

from .modes import ungraded
from .norms import alike, before_and_between, dense, norm, norms, resolve

_WHOLE = 2**26  # elements kept in full over all parameters (256 MiB of float32); beyond, a part
_PART = 2**16  # elements kept of each tensor then: RMS known to about 0.4 %
_REUSED = 2**22  # elements up to which the copies stay allocated between samples (16 MiB)


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
    """

    tensors: list[Tensor]
    before: list[Tensor]
    whole: bool
    plain: bool
    flat: list[Tensor]
    gradients: list[float | None] | None = None


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
        found = []
        for at, index in enumerate(self.indices):
            if index < 0:
                continue
            part = self.parts[at] if self.parts else 1.0
            found.append(
                ParameterSample(
                    parameter=index,
                    gradient_norm=self.gradients[at],
                    weight_norm=self.weights[at] * math.sqrt(part),
                    update_norm=self.updates[at] * math.sqrt(part),
                    estimated=part > 1,
                )
            )
        return tuple(found)


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
        arrived = [t.grad for t in tensors]
        known = iter(norms([g for g in arrived if g is not None]))
        gradients = [None if g is None else next(known) for g in arrived]
    if snapshot.plain and snapshot.gradients is None:
        weights, updates = before_and_between(before, tensors, snapshot.flat)
        return Changes(indices, gradients, weights, updates, [])
    weights = norms(before)
    moved = [norm(b - _kept(t, snapshot.whole)) for b, t in zip(before, tensors, strict=True)]
    parts = [t.numel() / max(1, b.numel()) for t, b in zip(tensors, before, strict=True)]
    return Changes(indices, gradients, weights, resolve(moved), parts)


def _kept(tensor: Tensor, whole: bool) -> Tensor:
    values = tensor.detach()
    if type(values) is not Tensor or values.layout is not torch.strided:
        values = dense(values)
    if whole or values.numel() <= _PART:
        return values
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    return flat[:: -(-flat.numel() // _PART)]
