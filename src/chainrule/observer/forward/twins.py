"""Units of a layer that are alike in pairs or groups, though not all of them are."""

import math

import torch
from torch import Tensor

from .values import MOST_OF_WEIGHTS, can_be_read

SAME_WEIGHTS = 1e-4
"""Difference over the size of a unit's weights, up to which two are the same: a thousand times the
rounding of single precision, and far below any random initialisation (1)."""

SAME_GRADIENT = 1e-2
"""The same of their gradients: of units that differ it is near 1."""


def twin_pairs(t: Tensor, axis: int) -> Tensor | None:
    """Pairs of units with the same weights, as two rows of indices; None if there are none.

    Units are put in an order by one fixed combination of their weights, so those that are the
    same are neighbours in it.

    Args:
        t: The weights, with two axes or more.
        axis: That of the units.
    """
    units = _units(t, axis)
    if units is None or units.shape[0] < 3:
        return None
    direction = torch.arange(1, units.shape[1] + 1, dtype=units.dtype, device=units.device).cos()
    along, order = torch.sort(units @ direction)
    least = SAME_WEIGHTS * torch.linalg.vector_norm(units) / math.sqrt(units.shape[0])
    # the same weights lie close to each other in any direction; twice as much leaves room for
    # the rounding of the sums
    near = along.diff() <= 2 * least * torch.linalg.vector_norm(direction)
    pairs = torch.stack([order[1:][near], order[:-1][near]])
    if not pairs.numel():
        return None
    same = torch.linalg.vector_norm(units[pairs[0]] - units[pairs[1]], dim=1) <= least
    return pairs[:, same] if bool(same.any()) else None


def twins_among(pairs: Tensor, gradient: Tensor, axis: int) -> int:
    """How many units of such pairs have the same gradient as well, and one that is not 0."""
    units = _units(gradient, axis)
    if units is None:
        return 0
    first, second = units[pairs[0]], units[pairs[1]]
    apart = torch.linalg.vector_norm(first - second, dim=1)
    size = torch.linalg.vector_norm(first, dim=1)
    same = (size > 0) & (apart <= SAME_GRADIENT * size)
    return int(torch.unique(pairs[:, same]).numel())


def _units(t: Tensor, axis: int) -> Tensor | None:
    if not can_be_read(t) or not t.is_floating_point() or not 0 < t.numel() <= MOST_OF_WEIGHTS:
        return None
    units = t.detach().movedim(axis, 0).reshape(t.shape[axis], -1)
    return units.float() if t.element_size() < 4 else units
