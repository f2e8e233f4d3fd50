"""What one optimizer step did to each parameter: ‖∂L/∂w‖, ‖w‖ and ‖Δw‖.

Weights are kept from just before the step to just after it; gradients are read after the step,
where closures, fused optimizers and gradient scalers have left what was really used.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.records import BackwardPass, ParameterSample

from .norms import dense, norm, resolve

_WHOLE = 2**26  # elements kept in full over all parameters (256 MiB of float32); beyond, a part
_PART = 2**16  # elements kept of each tensor then: RMS known to about 0.4 %
_REUSED = 2**22  # elements up to which the copies stay allocated between samples (16 MiB)
_EXACT = (1e-17, 1e17)  # outside, a float32 sum of squares is not trusted


@dataclass(slots=True)
class Snapshot:
    """Weights before a step."""

    tensors: list[Tensor]
    before: list[Tensor]
    whole: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a sampled step measured."""

    parameters: tuple[ParameterSample, ...]
    passes: tuple[BackwardPass, ...]


class Keeper:
    """Keeps weights over a step. Small models reuse one set of buffers from sample to sample."""

    def __init__(self) -> None:
        self._buffers: list[Tensor] = []

    @torch.no_grad()
    def take(self, tensors: list[Tensor]) -> Snapshot:
        """Keep the weights as they are now."""
        total = sum(t.numel() for t in tensors)
        whole = total <= _WHOLE
        now = [_kept(t, whole) for t in tensors]
        if total <= _REUSED and _alike(now):
            if [b.shape for b in self._buffers] != [t.shape for t in now]:
                self._buffers = [torch.empty_like(t) for t in now]
            torch._foreach_copy_(self._buffers, now)
            return Snapshot(tensors, self._buffers, whole)
        return Snapshot(tensors, [t.clone() for t in now], whole)


@torch.no_grad()
def samples(snapshot: Snapshot, indices: list[int]) -> tuple[ParameterSample, ...]:
    """Compare the weights with those kept; the kept ones are used up."""
    gradients = [t.grad for t in snapshot.tensors]
    weight_norms = _norms(snapshot.before)
    now = [_kept(t, snapshot.whole) for t in snapshot.tensors]
    if _alike(now):
        torch._foreach_sub_(snapshot.before, now)
    else:
        for before, t in zip(snapshot.before, now, strict=True):
            before.sub_(t)
    update_norms = _norms(snapshot.before)
    gradient_norms = iter(_norms([g for g in gradients if g is not None]))
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


def _kept(tensor: Tensor, whole: bool) -> Tensor:
    values = tensor.detach()
    if type(values) is not Tensor or values.layout is not torch.strided:
        values = dense(values)
    if whole or values.numel() <= _PART:
        return values
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    return flat[:: -(-flat.numel() // _PART)]


def _norms(tensors: list[Tensor]) -> list[float]:
    if tensors and _alike(tensors):
        fast = torch.stack(torch._foreach_norm(tensors)).tolist()
        low, high = _EXACT
        return [
            value if low < value < high else resolve([norm(tensors[i])])[0]
            for i, value in enumerate(fast)
        ]
    return resolve([norm(t) for t in tensors])


def _alike(tensors: list[Tensor]) -> bool:
    """True if one fused call can take them all: dense, non-empty float32 on one device."""
    device = tensors[0].device if tensors else None
    return all(
        t.dtype is torch.float32
        and t.layout is torch.strided
        and t.device == device
        and t.numel() > 0
        and type(t) in (Tensor, torch.nn.Parameter)
        for t in tensors
    )
