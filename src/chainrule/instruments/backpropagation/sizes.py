"""Sizes of tensors, and how near two numbers are."""

import math

import torch
from torch import Tensor


def norm(tensor: Tensor) -> float:
    """‖tensor‖ over all entries, added up in float64 where the device has it."""
    kept = tensor.detach()
    if kept.device.type == "mps":  # it has no float64
        return float(torch.linalg.vector_norm(kept.to(torch.float32)))
    kept = kept if kept.is_floating_point() else kept.to(torch.float64)
    return float(torch.linalg.vector_norm(kept, dtype=torch.float64))


def near(a: float, b: float, allowed: float) -> bool:
    """Whether two numbers differ by no more than is allowed; NaN is near NaN only."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= allowed + 1e-30
