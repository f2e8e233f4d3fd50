"""What does the loss look like around here? Line scans and 2-D slices through θ.

Two directions out of P can hide what happens along the others: a slice is an illustration, and
what it shows of curvature is no more than ∇²L restricted to its plane.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.landscape import LineScan, PlanePath, Slice

from .directions import Direction, given
from .plane import AffineGrid, Extent, Progress, spaced

Extents = Extent | tuple[tuple[float, float], tuple[float, float]]
"""Of a plane: one extent for both axes, or (of x, of y)."""


def line_scan(
    objective: Objective,
    direction: Direction | Theta,
    *,
    theta: Theta | None = None,
    extent: Extent = 1.0,
    points: int = 51,
    coordinates: Sequence[float] | None = None,
    progress: Progress | None = None,
) -> LineScan:
    """The loss along a line through θ, with what the derivative promises beside it.

    φ(c) = L(θ + c·d), and φ'(0) = ∇L(θ)·d by the chain rule; the tangent is L(θ) + c·∇L(θ)·d.

    Args:
        objective: L.
        direction: d: from `instruments/directions.py`, or a vector in the form of θ.
        theta: Where the line passes through; θ₀ if None.
        extent: Bounds of c: along −∇L it is the learning rate of one step of gradient descent,
            along an update 1 is the step as it was made.
        points: Evenly spaced values of c, both ends included.
        coordinates: The values of c themselves, ascending, instead of `extent` and `points`.
        progress: Called with (done, points); what it raises ends the scan.

    Returns:
        The scan. NaN and infinities are values.

    Raises:
        ObjectiveError: If a shape, θ or the extent is wrong.

    Cost: one gradient and points + 1 evaluations, the last at the parabola's lowest point.
    """
    heading = direction if isinstance(direction, Direction) else given(objective, direction)
    along = spaced(extent, points) if coordinates is None else _ascending(coordinates)
    grid = AffineGrid(objective, [heading], theta, [along])
    before = objective.evaluations
    value, gradient = objective.value_and_gradient(grid.theta)
    slope = float(gradient.double().dot(heading.vector.double())) / heading.length
    values = tuple(grid.values(progress=progress))
    best, best_value, refined = _lowest(along, values, grid, heading)
    return LineScan(
        objective=objective.description,
        axis=grid.axes[0],
        values=values,
        start=grid.start[0],
        value_at_start=value,
        slope=slope,
        gradient_norm=float(gradient.double().norm()),
        best=best,
        best_value=best_value,
        refined=refined,
        evaluations=objective.evaluations - before,
    )


def plane_slice(
    objective: Objective,
    x: Direction | Theta,
    y: Direction | Theta,
    *,
    theta: Theta | None = None,
    extent: Extents = 1.0,
    points: int | tuple[int, int] = 51,
    path: PlanePath | None = None,
    progress: Progress | None = None,
) -> Slice:
    """The loss over a plane through θ, evaluated at every point of a grid.

    Args:
        objective: L.
        x: The direction to the right.
        y: The direction upwards. It need not be orthogonal to x; `Slice.cosine` says how far it
            is, and a picture with right angles distorts by so much.
        theta: Where the plane passes through; θ₀ if None.
        extent: Bounds of the coordinates: one number e for −e to e, a pair (low, high) for both
            axes, or a pair of pairs for x and y.
        points: Along each axis, or (along x, along y).
        path: A trajectory in this plane, to be drawn on it.
        progress: Called with (done, all); what it raises ends the evaluation.

    Returns:
        The slice. NaN and infinities are values.

    Raises:
        ObjectiveError: If a shape, θ or the extent is wrong, or the directions are parallel.

    Cost: points² evaluations; see `adaptive_slice` for fewer.
    """
    grid = plane_grid(objective, x, y, theta, extent, points)
    before = objective.evaluations
    values = tuple(grid.values(progress=progress))
    y_axis, x_axis = grid.axes
    return Slice(
        objective=objective.description,
        x=x_axis,
        y=y_axis,
        values=values,
        exact=(True,) * len(values),
        start=(grid.start[1], grid.start[0]),
        cosine=grid.cosine,
        evaluations=objective.evaluations - before,
        path=path,
    )


def plane_grid(
    objective: Objective,
    x: Direction | Theta,
    y: Direction | Theta,
    theta: Theta | None,
    extent: Extents,
    points: int | tuple[int, int],
) -> AffineGrid:
    """The grid of a slice: its axes are (y, x), so that x varies fastest.

    Raises:
        ObjectiveError: As `plane_slice`.
    """
    right, up = (d if isinstance(d, Direction) else given(objective, d) for d in (x, y))
    across, upwards = (points, points) if isinstance(points, int) else points
    extent_x, extent_y = _both(extent)
    return AffineGrid(
        objective,
        [up, right],
        theta,
        [spaced(extent_y, upwards, "extent of y"), spaced(extent_x, across, "extent of x")],
    )


def _both(extent: Extents) -> tuple[Extent, Extent]:
    if isinstance(extent, (int, float)):
        return extent, extent
    first, second = extent
    if isinstance(first, tuple) and isinstance(second, tuple):
        return first, second
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return (first, second), (first, second)
    raise ObjectiveError(
        f"Expected an extent such as 1.0, (-1, 2) or ((-1, 2), (0, 3)), found {extent!r}."
    )


def _ascending(coordinates: Sequence[float]) -> tuple[float, ...]:
    along = tuple(float(c) for c in coordinates)
    rising = all(a < b for a, b in pairwise(along))
    if len(along) < 3 or not rising or not all(map(math.isfinite, along)):
        raise ObjectiveError(
            "Expected at least 3 finite coordinates in ascending order along the line, found "
            f"{along if len(along) < 8 else (*along[:7], '…')}."
        )
    return along


def _lowest(
    along: tuple[float, ...], values: tuple[float, ...], grid: AffineGrid, heading: Direction
) -> tuple[float, float, bool]:
    """The lowest point: of the grid, or of the parabola through three if L is lower."""
    finite = [(value, i) for i, value in enumerate(values) if math.isfinite(value)]
    if not finite:
        return math.nan, math.nan, False
    lowest, i = min(finite)
    vertex = _vertex(along[i - 1 : i + 2], values[i - 1 : i + 2]) if i else None
    if vertex is not None:
        there = AffineGrid(grid.objective, [heading], grid.theta, [(vertex,)]).values(chunk=1)[0]
        if there < lowest:
            return vertex, there, True
    return along[i], lowest, False


def _vertex(c: Sequence[float], v: Sequence[float]) -> float | None:
    """Where the parabola through three points, the middle one lowest, is lowest."""
    if len(c) < 3 or not all(map(math.isfinite, v)):
        return None
    left, right = c[1] - c[0], c[2] - c[1]
    below, above = (v[1] - v[0]) / left, (v[2] - v[1]) / right
    bend = above - below
    if bend <= 0:
        return None
    # the slopes at the two midpoints are `below` and `above`; the derivative is linear between
    vertex = c[1] - (below * right + above * left) / (2 * bend)
    return vertex if c[0] < vertex < c[2] and vertex != c[1] else None
