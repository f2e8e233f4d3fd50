"""The landscape: the loss along a line through θ and over a plane through it, as plain numbers.

Both are the loss against θ; neither is the loss against steps.
"""

import math
from dataclasses import dataclass
from typing import Literal

AxisKind = Literal[
    "variable", "given", "gradient", "update", "between", "random", "eigenvector", "trajectory"
]
"""Where a direction comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One direction d in the space of θ, and the places along it that were asked for.

    Attributes:
        label: What the direction is, in a few words, for the axis of a picture.
        kind: Where it comes from.
        length: ‖d‖, L2: how far in θ one unit of the coordinate reaches.
        coordinates: Ascending. The place of coordinate c is θ + c·d; on an axis of the kind
            `variable` it is where that variable is c.
        detail: How the direction was made, in a sentence; empty if the label says it all.
        held: Names of the parameters that do not move along it.
        eigenvalue: λ of the Hessian along it, if it is an eigenvector.
        explained: Share of a trajectory's variance that lies along it, if it comes from one.
    """

    label: str
    kind: AxisKind
    length: float
    coordinates: tuple[float, ...]
    detail: str = ""
    held: tuple[str, ...] = ()
    eigenvalue: float | None = None
    explained: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScan:
    """The loss along a line through θ.

    Attributes:
        objective: What was scanned, in a few words.
        axis: The line.
        values: L at its coordinates; NaN and infinities are values.
        start: Coordinate of θ: 0, or the variable's own value.
        value_at_start: L(θ).
        slope: ∇L·d/‖d‖, by the derivative at θ: what the loss changes by for each unit of
            distance. Along −∇L it is −‖∇L‖.
        gradient_norm: ‖∇L(θ)‖.
        best: Coordinate with the lowest loss found; NaN if no value is finite.
        best_value: L there, evaluated and not interpolated.
        refined: True if `best` is the vertex of the parabola through the lowest value and its
            neighbours, False if it is one of the coordinates.
        evaluations: How often L was computed for this, the one with the derivative included.
    """

    objective: str
    axis: Axis
    values: tuple[float, ...]
    start: float
    value_at_start: float
    slope: float
    gradient_norm: float
    best: float
    best_value: float
    refined: bool
    evaluations: int

    @property
    def distances(self) -> tuple[float, ...]:
        """How far from θ each value was taken, L2, with the sign of the side."""
        return tuple((c - self.start) * self.axis.length for c in self.axis.coordinates)

    @property
    def promised(self) -> tuple[float, ...]:
        """What the derivative at θ promises for each place: L(θ) + slope · distance."""
        return tuple(self.value_at_start + self.slope * d for d in self.distances)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanePath:
    """A trajectory as seen in a plane: its orthogonal projection onto it.

    Attributes:
        x: Coordinates along the plane's first axis, the start first.
        y: Along the second.
        off_plane: Distance of each point from the plane, L2 in θ.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    off_plane: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The loss over a plane through θ, on a grid.

    Attributes:
        objective: What was sliced, in a few words.
        x: The axis from left to right, with its grid.
        y: The axis upwards.
        values: L at the grid, row by row, the lowest y first: the value at (x_j, y_i) is entry
            i · len(x.coordinates) + j. NaN and infinities are values.
        exact: For each value whether it was evaluated; the others are interpolated.
        start: Coordinates (x, y) of θ.
        cosine: Cosine of the angle between the two directions; 0 if they are orthogonal.
        evaluations: How often L was computed for this, checks included.
        error_estimate: No interpolated value should be farther than this from L; 0 if all are
            exact, NaN if nothing is known.
        tolerance: The share of the range that the error was to stay below; None if the slice was
            to be exact.
        checked_points: Random points at which the picture was last compared with L.
        checked_error: The largest difference found there; NaN if there was no check.
        note: What the reader must know of how it was made; empty if nothing.
        path: A trajectory in this plane.
    """

    objective: str
    x: Axis
    y: Axis
    values: tuple[float, ...]
    exact: tuple[bool, ...]
    start: tuple[float, float]
    cosine: float
    evaluations: int
    error_estimate: float = 0.0
    tolerance: float | None = None
    checked_points: int = 0
    checked_error: float = math.nan
    note: str = ""
    path: PlanePath | None = None

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest finite value; (NaN, NaN) if there is none."""
        finite = [value for value in self.values if math.isfinite(value)]
        return (min(finite), max(finite)) if finite else (math.nan, math.nan)

    @property
    def minimum(self) -> tuple[float, float, float]:
        """(x, y, L) where the lowest finite value of the grid is; NaN if there is none."""
        finite = [(value, k) for k, value in enumerate(self.values) if math.isfinite(value)]
        if not finite:
            return math.nan, math.nan, math.nan
        value, k = min(finite)
        row, column = divmod(k, len(self.x.coordinates))
        return self.x.coordinates[column], self.y.coordinates[row], value

    @property
    def within_tolerance(self) -> bool:
        """True if the error estimate is within what was asked for."""
        if self.tolerance is None or all(self.exact):
            return True
        low, high = self.range
        return self.error_estimate <= self.tolerance * (high - low)
