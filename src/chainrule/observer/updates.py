"""What one optimizer step did to each parameter: ‖∂L/∂w‖, ‖w‖ and ‖Δw‖.

Weights are kept from just before the step to just after it; gradients are read after the step,
where closures, fused optimizers and gradient scalers have left what was really used.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.records import BackwardPass, ParameterSample

from .norms import alike, before_and_between, dense, norms

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
        gradients: ‖∂L/∂w‖ of each, if it is known now; None if `.grad` tells it after the step.
    """

    tensors: list[Tensor]
    before: list[Tensor]
    whole: bool
    plain: bool
    gradients: list[float | None] | None = None


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a sampled step measured."""

    parameters: tuple[ParameterSample, ...]
    passes: tuple[BackwardPass, ...]


class Keeper:
    """Keeps weights over a step. Small models reuse one set of buffers from sample to sample."""

    def __init__(self) -> None:
        self._buffers: list[Tensor] = []
        self._shapes: list[torch.Size] = []

    @torch.no_grad()
    def take(self, tensors: list[Tensor]) -> Snapshot:
        """Keep the weights as they are now."""
        total = sum(t.numel() for t in tensors)
        whole = total <= _WHOLE
        plain = whole and alike(tensors)
        if plain and total <= _REUSED:
            shapes = [t.shape for t in tensors]
            if shapes != self._shapes or self._buffers[0].device != tensors[0].device:
                self._buffers = [torch.empty_like(t) for t in tensors]
                self._shapes = shapes
            torch._foreach_copy_(self._buffers, tensors)
            return Snapshot(tensors, self._buffers, whole, plain)
        now = tensors if plain else [_kept(t, whole) for t in tensors]
        return Snapshot(tensors, [t.detach().clone() for t in now], whole, plain)


@torch.no_grad()
def samples(snapshot: Snapshot, indices: list[int]) -> tuple[ParameterSample, ...]:
    """Compare the weights with those kept; the kept ones are used up."""
    if snapshot.gradients is not None:
        return _with_known_gradients(snapshot, indices, snapshot.gradients)
    gradients = [t.grad for t in snapshot.tensors]
    there = [g for g in gradients if g is not None]
    before = snapshot.before
    arrived = norms(there)
    if snapshot.plain:
        weight_norms, update_norms = before_and_between(before, snapshot.tensors)
    else:
        weight_norms = norms(before)
        for kept_before, tensor in zip(before, snapshot.tensors, strict=True):
            kept_before.sub_(_kept(tensor, snapshot.whole))
        update_norms = norms(before)
    gradient_norms = iter(arrived)
    if snapshot.plain:
        return tuple(
            ParameterSample(
                parameter=index,
                gradient_norm=None if g is None else next(gradient_norms),
                weight_norm=weight,
                update_norm=update,
            )
            for index, g, weight, update in zip(
                indices, gradients, weight_norms, update_norms, strict=True
            )
        )
    result = []
    for i, tensor in enumerate(snapshot.tensors):
        kept = snapshot.before[i].numel()
        part = kept < tensor.numel()
        up = math.sqrt(tensor.numel() / kept) if part else 1.0
        result.append(
            ParameterSample(
                parameter=indices[i],
                gradient_norm=None if gradients[i] is None else next(gradient_norms),
                weight_norm=weight_norms[i] * up,
                update_norm=update_norms[i] * up,
                estimated=part,
            )
        )
    return tuple(result)


def _with_known_gradients(
    snapshot: Snapshot, indices: list[int], gradients: list[float | None]
) -> tuple[ParameterSample, ...]:
    weight_norms = norms(snapshot.before)
    parts = [_kept(t, snapshot.whole) for t in snapshot.tensors]
    update_norms = norms([b - now for b, now in zip(snapshot.before, parts, strict=True)])
    ups = [
        math.sqrt(t.numel() / max(1, p.numel()))
        for t, p in zip(snapshot.tensors, parts, strict=True)
    ]
    return tuple(
        ParameterSample(
            parameter=index,
            gradient_norm=gradient,
            weight_norm=weight * up,
            update_norm=update * up,
            estimated=up > 1,
        )
        for index, gradient, weight, update, up in zip(
            indices, gradients, weight_norms, update_norms, ups, strict=True
        )
    )


def _kept(tensor: Tensor, whole: bool) -> Tensor:
    values = tensor.detach()
    if type(values) is not Tensor or values.layout is not torch.strided:
        values = dense(values)
    if whole or values.numel() <= _PART:
        return values
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    return flat[:: -(-flat.numel() // _PART)]
