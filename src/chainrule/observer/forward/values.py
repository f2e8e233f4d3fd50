"""Tensors in numbers: how large, how spread out, how their features compare.

Large tensors are looked at in part, evenly spaced over their first axis. Nothing is drawn at
random, and nothing is kept.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.parameter import Buffer

from chainrule.observer.cuda_graphs import is_recording
from chainrule.records import FeatureScales, Values

MOST_ELEMENTS = 2**12
"""Elements looked at of one tensor: a mean and an RMS are known to about 2 % of the spread."""

MOST_OF_DATA = 2**18
"""Elements of data looked at to compare features: 1,024 examples of 256 features."""

MOST_FEATURES = 512
"""Features whose E[x xᵀ] is taken apart: 17 ms for 512, and eight times as long for twice that."""

_ROUNDING = 1e-12  # of the largest eigenvalue: below it lie those that are 0, of float32 data too

_PLAIN = (Tensor, nn.Parameter, Buffer)


def can_be_read(t: Tensor) -> bool:
    """True for an ordinary tensor with real numbers in it."""
    return (
        type(t) in _PLAIN
        and t.layout is torch.strided
        and t.device.type != "meta"
        and not t.is_complex()
        and not t.is_quantized
        and not t.is_neg()
        and not (t.is_cuda and is_recording())
    )


def values_of(t: Tensor, *, trained: bool) -> Values:
    """A tensor in numbers; only its shape if it is not an ordinary one.

    Args:
        t: The tensor.
        trained: What `Values.trained` is to say.
    """
    shape, dtype = tuple(t.shape), str(t.dtype).removeprefix("torch.")
    if not can_be_read(t) or not t.numel():
        return Values(shape=shape, dtype=dtype, trained=trained)
    x, whole = _some(t.detach(), MOST_ELEMENTS)
    x = x.to(torch.float32 if t.is_floating_point() and t.element_size() <= 4 else torch.float64)
    low, high, mean, size, not_whole, *sums = _numbers(x, rows=whole and x.dim() > 0)
    nonfinite = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = x[torch.isfinite(x)]
        nonfinite = round((x.numel() - finite.numel()) * t.numel() / x.numel())
        if not finite.numel():
            return Values(shape=shape, dtype=dtype, nonfinite=nonfinite, trained=trained)
        low, high, mean, size, not_whole = _numbers(finite, rows=False)
        sums = []
    return Values(
        shape=shape,
        dtype=dtype,
        minimum=low,
        maximum=high,
        mean=mean,
        rms=size,
        nonfinite=nonfinite,
        integral=not not_whole,
        sum_last=(sums[0], sums[1]) if sums else (math.nan, math.nan),
        trained=trained,
    )


def _numbers(x: Tensor, *, rows: bool) -> list[float]:
    """Smallest, largest, mean, RMS, whether any has a fraction; and the sums of the rows."""
    low, high = x.aminmax()
    found = [
        low,
        high,
        x.mean(),
        torch.linalg.vector_norm(x) / math.sqrt(x.numel()),
        (x.round() != x).any().to(x.dtype),
    ]
    if rows:
        found += x.sum(-1).aminmax()
    return [float(v) for v in torch.stack(found).tolist()]


def _some(t: Tensor, most: int) -> tuple[Tensor, bool]:
    """At most so many elements of a tensor, and whether its rows (last axis) are whole."""
    if t.numel() <= most:
        return t, True
    row = t.numel() // t.shape[0]
    if row <= most:
        return t[:: -(-t.shape[0] // (most // row))], True
    if t.dim() > 2 and t.shape[-1] <= most:  # one example is more than that
        some, _ = _some(t[0], most)
        return some, True
    flat = t[0].reshape(-1)
    return flat[:: -(-flat.numel() // most)], False


def scales_of(t: Tensor, *, channels_first: bool, condition: bool) -> FeatureScales | None:
    """How the features of data compare; None if they are no real numbers, or one example.

    Args:
        t: The data.
        channels_first: True if features lie along the second axis, as a convolution takes them.
        condition: False to leave E[x xᵀ] out.
    """
    if not can_be_read(t) or not t.is_floating_point() or t.dim() < 2 or not t.numel():
        return None
    x = t.detach()
    examples = max(1, MOST_OF_DATA // max(1, x.numel() // x.shape[0]))
    if x.shape[0] > examples:
        x = x[:: -(-x.shape[0] // examples)]
    if channels_first:
        x = x.movedim(1, -1)
    x = x.reshape(-1, x.shape[-1])
    if x.shape[0] * x.shape[1] > MOST_OF_DATA and x.shape[1] <= MOST_OF_DATA:
        x = x[:: -(-x.shape[0] // (MOST_OF_DATA // x.shape[1]))]
    x = x.double()
    if x.shape[0] < 2 or not bool(torch.isfinite(x).all()):
        return None
    mean = x.mean(0)
    std = (x - mean).square().mean(0).sqrt()
    varies = x.amax(0) != x.amin(0)
    spread, middle = std[varies], mean[varies].abs()
    if spread.numel():
        smallest, median, largest, offset = torch.stack(
            [spread.min(), spread.median(), spread.max(), (middle / spread).max()]
        ).tolist()
    else:
        smallest = median = largest = offset = math.nan
    variance = float(std.square().mean())
    return FeatureScales(
        features=x.shape[1],
        smallest_std=smallest,
        median_std=median,
        largest_std=largest,
        largest_offset=offset,
        constant=int(x.shape[1] - spread.numel()),
        condition=_condition(x) if condition and x.shape[1] <= MOST_FEATURES else math.nan,
        rms_over_std=math.sqrt(float(x.square().mean()) / variance) if variance > 0 else math.nan,
    )


def _condition(x: Tensor) -> float:
    one = torch.ones(x.shape[0], 1, dtype=x.dtype, device=x.device)
    with_bias = torch.cat([x, one], 1)
    found = torch.linalg.eigvalsh(with_bias.T @ with_bias / x.shape[0])
    positive = found[found > _ROUNDING * found[-1]]
    return float(found[-1] / positive[0]) if positive.numel() else math.nan


def spread_of(t: Tensor, axis: int) -> float:
    """RMS(W − mean over units) / RMS(W); NaN of zeros, of one unit and of what cannot be read.

    Args:
        t: W.
        axis: That of the units.
    """
    if not can_be_read(t) or t.dim() < 1 or t.shape[axis] < 2:
        return math.nan
    x = t.detach()
    row = x.numel() // x.shape[axis]
    if x.numel() > MOST_OF_WEIGHTS and row:
        step = -(-x.shape[axis] // max(2, MOST_OF_WEIGHTS // row))
        x = x.movedim(axis, 0)[::step]
        axis = 0
    if not x.is_floating_point():
        return math.nan
    x = x.float() if x.element_size() < 4 else x
    size = torch.linalg.vector_norm(x)
    # a reference taken away first: equal units then differ by exactly nothing
    away = x - x.select(axis, 0).unsqueeze(axis)
    off = torch.linalg.vector_norm(away - away.mean(axis, keepdim=True))
    off, size = torch.stack([off, size]).tolist()
    return off / size if size > 0 and math.isfinite(size) else math.nan


MOST_OF_WEIGHTS = 2**20
"""Elements looked at of one weight: of larger ones some units, evenly spaced."""


def rms_of(t: Tensor) -> float:
    """RMS of a gradient, sparse or not."""
    g = t.detach()
    if g.is_sparse:
        g = g.coalesce().values()
    count = t.numel()
    return float(torch.linalg.vector_norm(g)) / math.sqrt(count) if count else 0.0
