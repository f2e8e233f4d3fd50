"""How far the statistics of a batch lie from the running ones that an evaluation uses.

Of a large batch some values of each channel are looked at, evenly spaced over positions and
examples. Nothing is drawn at random, and nothing is kept.
"""

import math
from typing import Any

import torch
from torch import Tensor

from .values import can_be_read

MOST_ELEMENTS = 2**14
"""Elements looked at of one batch: 256 values of each of 64 channels, some 70 µs."""

LEAST_VALUES = 32
"""Values looked at of a channel however many channels there are: they say its mean to 1/√32 = 18 %
of its standard deviation, and that to 1/√64 = 12 %."""

UNKNOWN = (math.nan, math.nan)


def against_running(arguments: tuple[Any, ...]) -> tuple[float, float]:
    """Mean and standard deviation of a batch against the running ones, before these are updated.

    Args:
        arguments: Of `torch.batch_norm`: input (N, C, …), weight, bias, running mean (C), running
            variance (C), training, momentum, eps, ….

    Returns:
        `NormalizationCall.gap` and `NormalizationCall.deviation_ratio`; NaN for what is not known.
    """
    given, mean, variance, eps = arguments[0], arguments[3], arguments[4], arguments[7]
    if not isinstance(mean, Tensor) or not isinstance(variance, Tensor):
        return UNKNOWN
    if not can_be_read(given) or given.dim() < 2 or not given.numel():
        return UNKNOWN
    x = _some(given.detach())
    values = x.shape[0] * x.shape[2]
    own_mean = x.mean((0, 2))
    divisor = variance.float() + eps
    off = (own_mean - mean.float()) / divisor.sqrt()
    gap = off.square().mean().sqrt()
    if values < 2:
        return float(gap), math.nan
    squares = (x - own_mean.view(1, -1, 1)).square().sum((0, 2))
    ratio = ((squares / (values - 1) + eps) / divisor).sqrt().median()
    found = torch.stack([gap, ratio]).tolist()
    return float(found[0]), float(found[1])


def _some(x: Tensor) -> Tensor:
    """Values of each channel as (examples, channels, positions), in float32."""
    x = x.unsqueeze(2) if x.dim() == 2 else x.flatten(2)
    most = max(LEAST_VALUES, MOST_ELEMENTS // x.shape[1])
    apart = -(-x.shape[0] * x.shape[2] // most)
    if apart > 1:
        x = x[:, :, :: apart | 1]  # odd, so that it meets all columns of an image of 2ᵏ
    x = x[:: -(-x.shape[0] * x.shape[2] // most)]
    return x.float()
