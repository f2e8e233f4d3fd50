"""The same picture from fewer evaluations: rows and columns are added where the loss bends.

The loss is evaluated on some rows and some columns of the grid, where they cross, and a quintic
tensor-product spline fills in the rest (de Boor, A Practical Guide to Splines, 2001, chapter 17).
Where the quintic and the cubic spline disagree most, another row or column is added. When they
agree, the picture is compared with L at random points that it has not seen: only these decide.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.landscape import PlanePath, Slice

from .directions import Direction
from .landscape import Extents, plane_grid
from .plane import AffineGrid, Progress

Numbers = NDArray[np.float64]

FIRST_LINES = 11
"""Rows and columns to begin with: after one more round most networks tried (MLPs, ResNet,
transformer; random and trajectory planes) were within 1 %. 9 save little, because the check costs
as much, and miss more."""

EDGE_DENSITY = 0.5
"""How far the first lines lean from even spacing (0) to Chebyshev's (1): a spline is worst near the
border, where it has neighbours on one side only."""

LINES_A_ROUND = 3
"""Lines added before looking again, at most; among them only those that promise at least half as
much as the best."""

CHECKS = 60
"""Random points of a check. If none of 60 exceeds a bound, then with 95 % confidence at most 5 % of
the picture does (0.95^60 = 0.05)."""

LARGEST_OF_CHECKED = 3.0
"""The largest error of a picture over the largest of 60 checked ones. In 28 planes of networks and
formulas, each with 30 seeds of the check, its median was 1.5 and its 95th percentile 2.8. It was 7
once, but no picture that passed its check was wrong by more than 1 % anywhere."""

ROUNDING = 16.0
"""Differences below this many units in the last place of L are rounding, not shape."""


def adaptive_slice(
    objective: Objective,
    x: Direction | Theta,
    y: Direction | Theta,
    *,
    theta: Theta | None = None,
    extent: Extents = 1.0,
    points: int | tuple[int, int] = 51,
    tolerance: float = 0.01,
    share: float = 0.2,
    complete: bool = True,
    seed: int = 0,
    path: PlanePath | None = None,
    progress: Progress | None = None,
) -> Slice:
    """The loss over a plane, most of it interpolated, with an error that was checked.

    Args:
        objective: L, the same for the same θ.
        x: The direction to the right.
        y: The direction upwards.
        theta: Where the plane passes through; θ₀ if None.
        extent: As for `plane_slice`.
        points: Along each axis, or (along x, along y).
        tolerance: Largest error to aim at, as a share of the picture's range.
        share: Share of the points that may be evaluated while there is hope, checks included.
        complete: If the error is still too large then, evaluate all points that are left, so that
            the picture is exact; otherwise return it as it is, with its error estimate.
        seed: Of the random points for the check.
        path: A trajectory in this plane, to be drawn on it.
        progress: Called with (done, points that may be evaluated); what it raises ends it.

    Returns:
        The slice: `exact` says which values were evaluated; `error_estimate` is three times the
        largest error at the points checked. A slice that holds NaN or infinities is always
        evaluated in full, for there is no interpolating across their border.

    Raises:
        ObjectiveError: As `plane_slice`, and if tolerance or share is not between 0 and 1.

    Cost: at least 181 evaluations, at most all of them; the networks of `benchmarks/slices.py`
        took 200 to 520 of 2601. Beside them some milliseconds for the splines.
    """
    for name, value in (("tolerance", tolerance), ("share", share)):
        if not 0 < value <= 1:
            raise ObjectiveError(f"Expected a {name} above 0 and at most 1, found {value:g}.")
    grid = plane_grid(objective, x, y, theta, extent, points)
    before = objective.evaluations
    picture = _Picture(grid, int(share * len(grid.points)), np.random.default_rng(seed), progress)
    outcome = _refine(picture, tolerance)
    if not outcome.reason:
        picture.evaluate_lowest()
    elif complete or picture.interpolated is None:
        picture.evaluate_all()
    exact = picture.known.reshape(-1)
    finished = bool(exact.all())
    y_axis, x_axis = grid.axes
    return Slice(
        objective=objective.description,
        x=x_axis,
        y=y_axis,
        values=tuple(picture.filled().reshape(-1).tolist()),
        exact=tuple(exact.tolist()),
        start=(grid.start[1], grid.start[0]),
        cosine=grid.cosine,
        evaluations=objective.evaluations - before,
        error_estimate=0.0 if finished else outcome.error,
        tolerance=tolerance,
        checked_points=outcome.checked,
        checked_error=outcome.checked_error,
        note=_note(outcome.reason, finished),
        path=path,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How the refinement ended; `reason` is empty if the error is within tolerance."""

    reason: str
    error: float = math.nan
    checked: int = 0
    checked_error: float = math.nan


@dataclass(frozen=True, slots=True)
class _Fit:
    """The picture as the spline has it, and how far its two versions disagree."""

    values: Numbers
    doubt: float
    row_doubt: Numbers
    column_doubt: Numbers


class _Picture:
    """What is known so far: L at some points, and the lines whose crossings the spline meets."""

    def __init__(
        self,
        grid: AffineGrid,
        budget: int,
        random: np.random.Generator,
        progress: Progress | None,
    ) -> None:
        self.grid = grid
        self.budget = budget
        self.random = random
        self.progress = progress
        self.shape = tuple(len(axis.coordinates) for axis in grid.axes)
        self.known = np.zeros(self.shape, dtype=bool)
        self.values = np.full(self.shape, np.nan)
        self.rows, self.columns = (_first_lines(count) for count in self.shape)
        self.interpolated: Numbers | None = None

    @property
    def left(self) -> int:
        """Points that may still be evaluated."""
        return self.budget - int(self.known.sum())

    def is_finite(self) -> bool:
        return bool(np.isfinite(self.values[self.known]).all())

    @property
    def range(self) -> float:
        """Of the values known: never more than the true range, so that errors look larger."""
        return float(np.ptp(self.values[self.known]))

    @property
    def crossings(self) -> Numbers:
        """L where the lines cross."""
        return self.values[np.ix_(self.rows, self.columns)]

    def cost(self, rows: list[int], columns: list[int]) -> int:
        """Crossings of these lines that are not known."""
        return int((~self.known[np.ix_(rows, columns)]).sum())

    def evaluate_lines(self) -> float:
        """L at all crossings; the largest difference from what had been interpolated there."""
        marked = np.zeros(self.shape, dtype=bool)
        marked[np.ix_(self.rows, self.columns)] = True
        new = np.flatnonzero(marked & ~self.known)
        self._evaluate(new)
        if self.interpolated is None:
            return math.inf
        return float(np.abs(self.values - self.interpolated).flat[new].max(initial=0.0))

    def check(self) -> Numbers:
        """|L − picture| at random points not evaluated before, which now are; 0 elsewhere."""
        assert self.interpolated is not None
        unknown = np.flatnonzero(~self.known)
        chosen = self.random.choice(unknown, min(CHECKS, len(unknown)), replace=False)
        self._evaluate(chosen)
        errors = np.zeros(self.shape)
        errors.flat[chosen] = np.abs(self.values - self.interpolated).flat[chosen]
        return errors

    def evaluate_all(self) -> None:
        self._evaluate(np.flatnonzero(~self.known), rest=True)

    def evaluate_lowest(self) -> None:
        """L where the picture is lowest, until the lowest value is one that was evaluated.

        What interpolation makes lower than that by rounding alone is raised to it.
        """
        assert self.interpolated is not None
        while True:
            lowest = int(np.argmin(self.filled()))
            known = float(self.values[self.known].min())
            if self.left <= 0 or known - self.filled().flat[lowest] <= _rounding(self):
                break
            self._evaluate(np.array([lowest]))
        self.interpolated = np.maximum(self.interpolated, known)

    def filled(self) -> Numbers:
        """Known values where there are any, interpolated ones elsewhere."""
        if self.interpolated is None:
            return self.values
        return np.where(self.known, self.values, self.interpolated)

    def _evaluate(self, numbers: NDArray[np.intp], *, rest: bool = False) -> None:
        before = int(self.known.sum())
        allowed = self.known.size if rest else self.budget
        tell = self.progress

        def told(done: int, _: int) -> None:
            if tell is not None:
                tell(before + done, allowed)

        # rounds are small: the loop wastes none of their points on finding the fastest way
        chunk = None if rest else 1
        found = self.grid.values(numbers.tolist(), chunk=chunk, progress=told)
        self.values.flat[numbers] = found
        self.known.flat[numbers] = True


def _refine(picture: _Picture, tolerance: float) -> _Outcome:
    """Add lines until a check finds the picture right, or no more may be evaluated."""
    if picture.cost(picture.rows, picture.columns) + CHECKS > picture.left:
        return _Outcome("the share of points allowed is too small to interpolate from")
    while True:
        surprise = picture.evaluate_lines()
        if not picture.is_finite():
            return _Outcome("some values are not finite")
        fit = _fit(picture)
        picture.interpolated = fit.values
        limit = max(tolerance * picture.range, _rounding(picture))
        more = _more_lines(picture, fit.row_doubt, fit.column_doubt)
        if max(fit.doubt, surprise) > limit / LARGEST_OF_CHECKED and more is not None:
            picture.rows, picture.columns = more
            continue
        errors = picture.check()
        if not picture.is_finite():
            return _Outcome("some values are not finite")
        largest = float(errors.max())
        error = LARGEST_OF_CHECKED * largest
        if error <= limit:
            return _Outcome("", error, CHECKS, largest)
        more = _more_lines(
            picture,
            np.maximum(fit.row_doubt, errors.max(axis=1)),
            np.maximum(fit.column_doubt, errors.max(axis=0)),
        )
        if more is None:
            size = f"{100 * error / picture.range:.2g} %" if picture.range else "more than all"
            reason = (
                f"not smooth enough: with {int(picture.known.sum()):,} of {picture.known.size:,} "
                f"points the error was about {size} of the range"
            )
            return _Outcome(reason, error, CHECKS, largest)
        picture.rows, picture.columns = more


def _fit(picture: _Picture) -> _Fit:
    """Quintic splines through the crossings, and where cubic ones differ."""
    rows, columns = np.array(picture.rows), np.array(picture.columns)
    height, width = picture.shape
    at_rows, at_columns = np.arange(height), np.arange(width)
    crossings = picture.crossings

    def along_rows(degree: int) -> Numbers:  # fills each sampled column from top to bottom
        return np.asarray(make_interp_spline(rows, crossings, k=degree)(at_rows))

    def along_columns(degree: int, values: Numbers) -> Numbers:
        return np.asarray(make_interp_spline(columns, values.T, k=degree)(at_columns)).T

    quintic, cubic = along_rows(5), along_rows(3)
    values = along_columns(5, quintic)
    differs = np.abs(along_columns(5, crossings) - along_columns(3, crossings))
    return _Fit(
        values=values,
        doubt=float(np.abs(values - along_columns(3, cubic)).max()),
        row_doubt=np.abs(quintic - cubic).max(axis=1),
        column_doubt=differs.max(axis=0),
    )


def _more_lines(
    picture: _Picture, row_doubt: Numbers, column_doubt: Numbers
) -> tuple[list[int], list[int]] | None:
    """The lines with new ones in the most doubtful gaps; None if they and a check cost too much."""
    gaps = [(doubt, 0, line) for doubt, line in _gaps(picture.rows, row_doubt)]
    gaps += [(doubt, 1, line) for doubt, line in _gaps(picture.columns, column_doubt)]
    gaps = sorted(gaps, reverse=True)[:LINES_A_ROUND]
    chosen = [gap for gap in gaps if gap[0] >= gaps[0][0] / 2]
    rows = sorted({*picture.rows, *(line for _, side, line in chosen if side == 0)})
    columns = sorted({*picture.columns, *(line for _, side, line in chosen if side == 1)})
    cost = picture.cost(rows, columns)
    return (rows, columns) if 0 < cost <= picture.left - CHECKS else None


def _gaps(lines: list[int], doubt: Numbers) -> list[tuple[float, int]]:
    """For each gap between neighbours that holds a line: its largest doubt, and its middle."""
    return [
        (float(doubt[low : high + 1].max()), (low + high) // 2)
        for low, high in pairwise(lines)
        if high - low > 1
    ]


def _first_lines(count: int) -> list[int]:
    """Numbers of the first lines among `count`, the first and the last included."""
    if count <= FIRST_LINES:
        return list(range(count))
    even = np.linspace(0, 1, FIRST_LINES)
    chebyshev = (1 - np.cos(np.pi * even)) / 2
    at = (1 - EDGE_DENSITY) * even + EDGE_DENSITY * chebyshev
    return sorted({round(float(place) * (count - 1)) for place in at})


def _rounding(picture: _Picture) -> float:
    unit = torch.finfo(picture.grid.theta.dtype).eps
    return ROUNDING * unit * float(np.abs(picture.values[picture.known]).max())


def _note(reason: str, finished: bool) -> str:
    if not reason:
        return ""
    return f"{reason}; all points were evaluated" if finished else reason
