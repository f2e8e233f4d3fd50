"""‖g‖ of a gradient of any kind: dense, sparse, complex, half precision, sharded.

A float32 sum of squares underflows below ‖g‖ ≈ 1e-22 and overflows above 1e19, exactly where
vanishing and exploding gradients live; there the norm is taken again in float64. And it rounds: of
2²² equal numbers PyTorch's own norm is wrong by 2·10⁻³, so large tensors are summed up in blocks.
"""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor
from torch.nn import Parameter

_vector_norm, _dot, _sqrt = torch.linalg.vector_norm, torch.dot, math.sqrt
_LOW, _HIGH = 1e-17, 1e17  # float32 squares stay normal numbers well inside these
_BLOCK = 2**18  # elements summed up in float32: of equal ones, the worst case, to 2·10⁻⁵

_PLAIN = (Tensor, Parameter)

Norm = float | Tensor
"""A float on the CPU; elsewhere a 0-dim tensor still on its device, so that nothing waits."""


def norm(gradient: Tensor) -> Norm:
    """L2 norm over all elements; the modulus counts for complex numbers.

    On the CPU a float. On an accelerator a 0-dim float64 tensor, so that no host
    synchronisation happens until `resolve`.
    """
    if (  # most of them, by the shortest way
        type(gradient) is Tensor
        and gradient.dtype is torch.float32
        and gradient.is_cpu
        and gradient.layout is torch.strided
        and not gradient.requires_grad
        and gradient.is_contiguous()
        and gradient.numel() <= _BLOCK
    ):
        flat = gradient.view(-1)
        value = _sqrt(_dot(flat, flat).item())
        if _LOW < value < _HIGH:
            return value
    g = gradient if type(gradient) is Tensor and not gradient.requires_grad else gradient.detach()
    if type(g) is not Tensor or g.layout is not torch.strided:
        g = dense(g)
    if g.numel() == 0:
        return 0.0
    if not g.is_cpu:
        waiting: Tensor = _vector_norm(g, dtype=_wide(g))
        return waiting
    if g.dtype is torch.float32:
        return _of_floats(g)
    if g.dtype is torch.complex64:
        return _of_floats(torch.view_as_real(g.resolve_conj()))
    if g.dtype in (torch.float16, torch.bfloat16):
        value = float(_vector_norm(g, dtype=torch.float32).item())
        if _LOW < value < _HIGH:
            return value
    return float(_vector_norm(g, dtype=_wide(g)).item())


def _of_floats(g: Tensor) -> float:
    """Of a dense float32 tensor on the CPU."""
    value = length(g.view(-1)) if g.is_contiguous() else _of_any_strides(g)
    if _LOW < value < _HIGH:
        return value
    return float(_vector_norm(g, dtype=torch.float64).item())


def _of_vector(flat: Tensor) -> float:
    """Of a dense float32 vector on the CPU."""
    value = length(flat)
    return value if _LOW < value < _HIGH else float(_vector_norm(flat, dtype=torch.float64).item())


def length(flat: Tensor) -> float:
    """√(x·x) of a dense float32 vector on the CPU; outside `_LOW` … `_HIGH` to be taken again."""
    if flat.numel() <= _BLOCK:
        return math.sqrt(_dot(flat, flat).item())
    # `chunk` is C all the way: `split` passes through Python, which takes as long as two blocks
    blocks = flat.chunk(math.ceil(flat.numel() / _BLOCK))
    return math.sqrt(sum([_dot(block, block).item() for block in blocks]))


def _of_any_strides(g: Tensor) -> float:
    """Of a tensor that is not contiguous: transposed, or one number seen many times."""
    times = 1
    for d in range(g.dim() - 1, -1, -1):
        if g.stride(d) == 0 and g.shape[d] > 1:
            times *= g.shape[d]
            g = g.select(d, 0)
    ordered = g.permute(sorted(range(g.dim()), key=g.stride, reverse=True))
    # of a vector with gaps the dot product adds up one by one, which rounds a hundred times as much
    return math.sqrt(times) * length(ordered.contiguous().view(-1))


def norms(tensors: list[Tensor]) -> list[float]:
    """L2 norms on the host, all at once where all are plain."""
    return fused(tensors) if alike(tensors) else resolve([norm(t) for t in tensors])


def fused(tensors: list[Tensor]) -> list[float]:
    """L2 norms of tensors that are `alike`, on the host."""
    if not tensors:
        return []
    if not tensors[0].is_cpu:
        fast = torch.stack(torch._foreach_norm(tensors)).tolist()
        return [
            value if _LOW < value < _HIGH else resolve([norm(tensors[i])])[0]
            for i, value in enumerate(fast)
        ]
    sizes = []
    for t in tensors:
        if t.numel() <= _BLOCK and t.is_contiguous():  # `_of_floats`, without the calls
            flat = t if t.dim() == 1 else t.view(-1)
            value = _sqrt(_dot(flat, flat).item())
            sizes.append(value if _LOW < value < _HIGH else _of_floats(t))
        else:
            sizes.append(_of_floats(t))
    return sizes


def before_and_between(
    before: list[Tensor], now: list[Tensor], flat: list[Tensor]
) -> tuple[list[float], list[float]]:
    """‖a‖ and ‖a − b‖ of tensors that are `alike`; in the place of each a stands a − b then.

    Args:
        before: The a.
        now: The b.
        flat: Each a as a vector, the same memory; to make one takes a quarter as long as its norm.
    """
    if not before or not before[0].is_cpu:
        sizes = fused(before)
        torch._foreach_sub_(before, now)
        return sizes, fused(before)
    sizes, distances = [], []
    for a, b, x in zip(before, now, flat, strict=True):
        # all that is done with one while it is in the cache
        if x.numel() > _BLOCK:
            sizes.append(_of_vector(x))
            a.sub_(b)
            distances.append(_of_vector(x))
            continue
        size = _sqrt(_dot(x, x).item())  # `_of_vector`, without the calls
        sizes.append(size if _LOW < size < _HIGH else _of_vector(x))
        a.sub_(b)
        distance = _sqrt(_dot(x, x).item())
        distances.append(distance if _LOW < distance < _HIGH else _of_vector(x))
    return sizes, distances


def alike(tensors: Sequence[Tensor]) -> bool:
    """True if one fused call can take them all: dense, non-empty float32 on one device."""
    device = tensors[0].device if tensors else None
    for t in tensors:
        if (
            t.dtype is not torch.float32
            or type(t) not in _PLAIN
            or t.layout is not torch.strided
            or t.device != device
            or t.numel() == 0
        ):
            return False
    return True


def _wide(g: Tensor) -> torch.dtype:
    return torch.complex128 if g.is_complex() else torch.float64


def dense(g: Tensor) -> Tensor:
    """The values that count: of a sparse gradient its coalesced values, of a shard its own part."""
    local = getattr(g, "_local_tensor", None)
    if local is not None:
        g = local
    if g.layout is torch.strided:
        return g
    if g.layout is torch.sparse_coo:
        return g.coalesce().values()
    return g.to_dense()


def combined(gradients: tuple[Tensor | None, ...]) -> Norm | None:
    """√(Σ‖gᵢ‖²) over the gradients that arrived; None if none did."""
    parts = [norm(g) for g in gradients if g is not None]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, float) for part in parts):
        # hypot scales, so squares of very small norms do not underflow
        return math.hypot(*(float(part) for part in parts))
    device = next(part.device for part in parts if isinstance(part, Tensor))
    waiting = [torch.as_tensor(part, dtype=torch.float64, device=device) for part in parts]
    total: Tensor = _vector_norm(torch.stack(waiting))
    return total


def resolve(values: list[Norm]) -> list[float]:
    """Bring all norms to the host, with one transfer for each device; if all are, the same list."""
    waiting: dict[torch.device, list[Tensor]] = {}
    for v in [v for v in values if isinstance(v, Tensor)]:
        waiting.setdefault(v.device, []).append(v.real.double())
    if not waiting:
        return cast("list[float]", values)
    fetched = {device: iter(torch.stack(on).tolist()) for device, on in waiting.items()}
    return [float(next(fetched[v.device])) if isinstance(v, Tensor) else v for v in values]
