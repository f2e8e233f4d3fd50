"""A line or plane through θ with a grid on it: where the points are, and L at them."""

import math
from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.batched import plane_values
from chainrule.objective.objective import Theta
from chainrule.records.landscape import Axis

from .directions import Direction

Progress = Callable[[int, int], None]
"""Called with (points done, points in all); what it raises ends the evaluation."""

Extent = float | tuple[float, float]
"""Bounds of a coordinate; one number e stands for −e to e."""

PARALLEL = 1e-6
"""1 − |cos| below which two directions are one: float32 vectors are no better known than this."""


class AffineGrid:
    """A grid in the affine space θ + Σ cₖ dₖ.

    Args:
        objective: L.
        directions: d, one an axis, the one that varies slowest first.
        theta: The origin; θ₀ if None. Along an axis of the kind `variable` the origin is moved to
            where the variable is 0, so that coordinates are the variable's own values.
        coordinates: One ascending sequence an axis.

    Raises:
        ObjectiveError: If θ is not finite, or the directions are of other sizes or parallel.
    """

    def __init__(
        self,
        objective: Objective,
        directions: Sequence[Direction],
        theta: Theta | None,
        coordinates: Sequence[Sequence[float]],
    ) -> None:
        self.objective = objective
        self.theta = objective.flat(theta)
        if not self.theta.isfinite().all():
            raise ObjectiveError(
                "Expected a θ of finite numbers to look around, found NaN or infinities in it: "
                "choose a point before they appear."
            )
        for direction in directions:
            objective.flat(direction.vector)
        self.base = self.theta.clone()
        start = []
        for direction in directions:
            start.append(0.0 if direction.entry is None else float(self.theta[direction.entry]))
            if direction.entry is not None:
                self.base[direction.entry] = 0
        self.start = tuple(start)
        self.axes: tuple[Axis, ...] = tuple(
            d.axis(c) for d, c in zip(directions, coordinates, strict=True)
        )
        self._vectors = torch.stack([d.vector.to(self.theta) for d in directions])
        self.cosine = _cosine(self._vectors) if len(directions) == 2 else 0.0
        if 1 - abs(self.cosine) < PARALLEL:
            raise ObjectiveError(
                "Expected two directions that span a plane, found parallel ones "
                f"({directions[0].label} and {directions[1].label}): scan a line along one of them."
            )
        columns = [torch.tensor(c, dtype=torch.float64, device="cpu") for c in coordinates]
        self.points: Tensor = torch.cartesian_prod(*columns).reshape(-1, len(directions))

    def values(
        self,
        which: Sequence[int] | None = None,
        *,
        chunk: int | None = None,
        progress: Progress | None = None,
    ) -> list[float]:
        """L at the grid points given by their numbers (the last axis varies fastest), or at all."""
        points = (
            self.points
            if which is None
            else self.points[torch.tensor(which, dtype=torch.int64, device="cpu")]
        )
        values = plane_values(
            self.objective, self.base, self._vectors, points, chunk=chunk, progress=progress
        )
        return cast(list[float], values.tolist())


def spaced(extent: Extent, points: int, what: str = "extent") -> tuple[float, ...]:
    """Evenly spaced coordinates from the low end of an extent to the high end, both exact.

    Raises:
        ObjectiveError: If the extent is empty or not finite, or there are fewer than 3 points.
    """
    low, high = (-extent, extent) if isinstance(extent, (int, float)) else extent
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ObjectiveError(
            f"Expected an {what} from a smaller to a larger finite number, found {low:g} to "
            f"{high:g}."
        )
    if points < 3:
        raise ObjectiveError(f"Expected at least 3 points along each axis, found {points}.")
    step = (high - low) / (points - 1)
    inner = [low + step * i for i in range(1, points - 1)]
    # a coordinate meant to be 0 is exactly 0, so that the value at θ is that of θ
    return (low, *(0.0 if abs(c) < 1e-9 * (high - low) else c for c in inner), high)


def _cosine(vectors: Tensor) -> float:
    first, second = vectors.double()
    norms = torch.linalg.vector_norm(first) * torch.linalg.vector_norm(second)
    return float(first.dot(second) / norms)
