"""Which stationary points stand alone, and which are some of a curve or region of them.

On a curve where ∇L = 0, as the circle of (x² + y² − 1)², Newton's method ends everywhere, so that
its ends lie side by side; a single place collects them. Where the curvature is 0 as well, as on
both axes of x²y², it misses the curve and ends at the crossing: there a circle around the place
meets the curve, where ∇L on it is 0.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.records.flatness import Extent

from .pointwise import PointwiseDerivatives

LEAST = 3
"""Places side by side, without curvature along at least one direction, that make a curve."""

KEPT_OF_A_LINE = 500
"""In one dimension not all ends of the searches are kept, and their neighbours are farther away."""

RINGS = (0.0314159, 0.0191)
"""Radii of two circles around a place, as shares of the box: no multiples of one another, so that
only a curve meets both."""

RING_POINTS = 256
"""Directions on a circle, between which the smallest slope is looked for."""

VANISHED = 1e-9
"""Slope on a circle, as a share of its usual size there, that counts as none."""

MOST_RINGED = 50
"""Places asked by circles at most."""

GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Extents:
    """What does not stand alone.

    Attributes:
        of: By the number of the place.
        more: Further points of curves, where circles met them.
    """

    of: dict[int, Extent]
    more: tuple[tuple[Tensor, Extent], ...]


def extents(
    derivatives: PointwiseDerivatives,
    points: Tensor,
    doubts: Tensor,
    low: Tensor,
    high: Tensor,
    starts: int,
) -> Extents:
    """Tell the points of curves and regions from single ones.

    Args:
        derivatives: Of L.
        points: Stationary points (N, P), all different.
        doubts: What the eigenvalues at each may be off by (N,).
        low: Lower corner of the box (P,).
        high: Upper corner.
        starts: From how many places they were searched: as near as those, neighbours must be.
    """
    found: dict[int, Extent] = {}
    more: list[tuple[Tensor, Extent]] = []
    if not len(points):
        return Extents(of=found, more=())
    span = high - low
    flat = torch.linalg.eigvalsh(derivatives.hessians(points)).abs() <= doubts[:, None]
    degenerate = flat.any(1).nonzero().flatten()
    count = min(starts, KEPT_OF_A_LINE) if points.shape[1] == 1 else starts
    spacing = 3 * count ** (-1 / points.shape[1])
    alone = []
    for group in _side_by_side(points[degenerate] / span, spacing):
        members = degenerate[group]
        if len(members) < LEAST:
            alone += members.tolist()
            continue
        region = bool(flat[members].all())
        found |= dict.fromkeys(members.tolist(), "region" if region else "curve")
    if points.shape[1] == 2:
        for k in alone[:MOST_RINGED]:
            hits = _met(derivatives, points[k], span)
            if hits is not None:
                found[k] = "curve"
                inside = ((hits >= low) & (hits <= high)).all(1)
                more += [(hit, "curve") for hit in hits[inside]]
    return Extents(of=found, more=tuple(more))


def spread_out(points: Tensor, most: int, apart: float) -> Tensor:
    """Some of many points (N, P), each as far as can be from those before it, at least `apart`."""
    chosen = [0]
    away = (points - points[0]).norm(dim=1)
    while len(chosen) < min(most, len(points)):
        if float(away.max()) <= apart:
            break
        chosen.append(int(away.argmax()))
        away = torch.minimum(away, (points - points[chosen[-1]]).norm(dim=1))
    some: Tensor = points[chosen]
    return some


def _side_by_side(unit: Tensor, spacing: float) -> list[Tensor]:
    """Groups of places that are connected by steps of at most `spacing`."""
    near = torch.cdist(unit, unit, p=math.inf) <= spacing
    left = torch.ones(len(unit), dtype=torch.bool, device=unit.device)
    groups = []
    while bool(left.any()):
        group = torch.zeros_like(left)
        group[int(left.nonzero()[0])] = True
        while True:
            wider = near[group].any(0)
            if bool((wider == group).all()):
                break
            group = wider
        left &= ~group
        groups.append(group.nonzero().flatten())
    return groups


def _met(derivatives: PointwiseDerivatives, centre: Tensor, span: Tensor) -> Tensor | None:
    """Where curves without slope meet the wider circle; None unless they meet both."""
    hits = [_on_circle(derivatives, centre, share * span) for share in RINGS]
    return hits[0] if all(len(each) for each in hits) else None


def _on_circle(derivatives: PointwiseDerivatives, centre: Tensor, radius: Tensor) -> Tensor:
    """Places of a circle without slope (K, 2), each between two neighbours by golden section."""

    def place(angle: Tensor) -> Tensor:
        return centre + radius * torch.stack([torch.cos(angle), torch.sin(angle)], 1)

    def slope(angle: Tensor) -> Tensor:
        sizes: Tensor = torch.linalg.vector_norm(derivatives.gradients(place(angle)), dim=1)
        return sizes.nan_to_num(math.inf)

    width = 2 * math.pi / RING_POINTS
    angles = torch.arange(RING_POINTS, dtype=torch.float64) * width
    sizes = slope(angles)
    usual = float(sizes.median())
    lowest = (sizes <= sizes.roll(1)) & (sizes < sizes.roll(-1))
    low, high = angles[lowest] - width, angles[lowest] + width
    for _ in range(70):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        lower = slope(left) < slope(right)
        low, high = torch.where(lower, low, left), torch.where(lower, right, high)
    ends = torch.cat([(low + high) / 2, angles[lowest]])  # on an axis the sample itself is exact
    found: Tensor = place(ends[slope(ends) <= VANISHED * usual])
    return found
