"""Sizes of tensors, and how near two numbers are."""

import math

import torch
from torch import Tensor


def norm(tensor: Tensor) -> float:
    """‖tensor‖ over all entries, added up in float64 where the device has it."""
    wide = torch.float32 if tensor.device.type == "mps" else torch.float64
    return float(torch.linalg.vector_norm(tensor.detach().to(wide)))


def near(a: float, b: float, allowed: float) -> bool:
    """Whether two numbers differ by no more than is allowed; NaN is near NaN only."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= allowed + 1e-30
