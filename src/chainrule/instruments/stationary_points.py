"""All places in a box where ∇L = 0: found by Newton's method from many starts, then classified.

Newton's method goes to the stationary point nearby, whatever its kind, which makes it a poor
optimizer and the right tool here. It runs from all starts at once. How complete the list is can be
estimated twice: from how many points only few starts reached (Chao), and, in the plane, from the
turns of ∇L along the border of the box, which count minima plus maxima minus saddles inside
(Poincaré–Hopf).
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.records.flatness import Extent, PlaceKind, StationaryPoint, StationaryPoints

from .flat_extents import Extents, extents, spread_out
from .pointwise import PointwiseDerivatives
from .quadratic import local_quadratic

MOST_ENTRIES = 8
"""Most entries of θ: the starts needed to be in every corner grow like 2^P and soon cannot be."""

STARTS = 4096
"""Starts by default: 64 a side in the plane, several for each of Rastrigin's 441 points."""

MOST_STEPS = 60
"""Newton steps a start: a step is at most a `STRIDE` of the box, so that this crosses it, and near
the end the digits double with each."""

STRIDE = 1 / 32
"""Longest step, as a share of the box: two points of a start grid, so that a start finds what is
near it instead of being thrown through the box where the Hessian is nearly singular."""

CONVERGED = 1e-9
"""A Newton step below this share of the box has converged: its square is below rounding."""

UNEXPLAINED = 1e-6
"""Share of ∇L that a Newton step may leave where the search ends: it leaves rounding at a
stationary point, and all of ∇L where the loss is a slope without curvature, as |x| is."""

SAME = 1e-5
"""Points nearer than this share of the box are one: far above what convergence leaves."""

MOST_POINTS = 1000
"""Points classified at most, those reached most often: more than these are a curve of them."""

MOST_SAMPLES = 8
"""Points that a curve or region of stationary points is shown by."""

SHORT_DECIMALS = (1e-6, 1e-7, 1e-8, 1e-9)
"""Shares of the box, rounded down to a power of ten, that a coordinate is rounded to, to see
whether a short number beside it fits better; below what separates two points."""

ZERO = 1e-9
"""Share of the largest curvature at a place up to which another one counts as 0: what a position
off by `CONVERGED` makes of it."""

BORDER_POINTS = 1024
"""Places along the border at which the direction of ∇L is asked for at first."""

REFINEMENTS = 24
"""Times that neighbours between which ∇L turns too far get a place between them: 1024 · 2²⁴ places
a border are as near as 10⁻⁹ of a side."""

TURN = math.pi / 4
"""Largest turn between neighbours; below π the sense of it is known, and this leaves a margin."""

Box = Mapping[str, tuple[float, float]] | tuple[float, float]
"""Bounds by parameter, or one pair for all; a vector's entries have the same bounds."""


def stationary_points(
    objective: Objective, box: Box, *, starts: int = STARTS, seed: int = 0
) -> StationaryPoints:
    """Find and classify the minima, saddles and maxima of L in a box.

    Args:
        objective: L of at most `MOST_ENTRIES` entries, twice differentiable.
        box: Where to look.
        starts: How many places to search from: Sobol points, spread evenly.
        seed: Of their scrambling.

    Cost: up to `MOST_STEPS` gradients and Hessians of all starts, by vmap.
    Error: each point carries the length of the next Newton step and bounds of its eigenvalues. No
        search of this kind proves that a list is complete; `expected_missing`, `index` and
        `winding` say how far to believe it. Curves and regions of stationary points are told from
        single ones and come out as some of their points.

    Raises:
        ObjectiveError: If the box is empty, names something else, or θ has too many entries.

    Source: Chao, Scand. J. Statist. 11 (1984) 265 for the number missed; Milnor, Topology from the
        Differentiable Viewpoint (1965), section 6 for Poincaré–Hopf.
    """
    low, high = _corners(objective, box)
    if starts < 1:
        raise ObjectiveError(f"Expected at least one start, found {starts}.")
    sobol = torch.quasirandom.SobolEngine(len(low), True, seed)  # type: ignore[no-untyped-call]
    unit = sobol.draw(starts, dtype=torch.float64)
    derivatives = PointwiseDerivatives(objective)
    ends = _newton(derivatives, low + unit * (high - low), low, high)
    clusters = sorted(_distinct(ends, high - low), key=lambda found: -found[1])[:MOST_POINTS]
    many = [reached for _, reached in clusters]
    where = torch.stack([end for end, _ in clusters]) if clusters else ends
    where = _snapped(derivatives, where, high - low)
    doubts = _doubts(derivatives, where, high - low)
    extended = extents(derivatives, where, doubts, low, high, starts)
    points = [
        _point(objective, where[k], many[k], float(doubts[k]))
        for k in range(len(where))
        if k not in extended.of
    ]
    flat = [
        replace(_point(objective, theta, 1, float(doubt)), extent=extent, kind="undecided")
        for theta, doubt, extent in _samples(derivatives, extended, where, high - low)
    ]
    once = sum(point.starts == 1 for point in points)
    twice = sum(point.starts == 2 for point in points)
    return StationaryPoints(
        parameters=tuple((n, tuple(t.shape)) for n, t in objective.parameters.items()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        points=tuple(sorted(points, key=_lowest_first)),
        extended=tuple(sorted(flat, key=_lowest_first)),
        starts=starts,
        expected_missing=once * (once - 1) / (2 * (twice + 1)),
        index=None if flat else _index(points),
        winding=_winding(derivatives, low, high) if len(low) == 2 else None,
    )


def _lowest_first(point: StationaryPoint) -> tuple[float, tuple[float, ...]]:
    return point.loss, point.theta


def _samples(
    derivatives: PointwiseDerivatives, found: Extents, where: Tensor, span: Tensor
) -> list[tuple[Tensor, Tensor, Extent]]:
    """Some points of the curves and of the regions, far from one another, with their doubts."""
    kinds: tuple[Extent, ...] = ("curve", "region")
    chosen: list[tuple[Tensor, Tensor, Extent]] = []
    apart = SAME * float(span.max())
    for extent in kinds:
        theirs = [where[k] for k, each in found.of.items() if each == extent]
        theirs += [theta for theta, each in found.more if each == extent]
        if theirs:
            some = _snapped(derivatives, spread_out(torch.stack(theirs), MOST_SAMPLES, apart), span)
            doubts = _doubts(derivatives, some, span)
            chosen += [(*pair, extent) for pair in zip(some, doubts, strict=True)]
    return chosen


def _corners(objective: Objective, box: Box) -> tuple[Tensor, Tensor]:
    if objective.numel > MOST_ENTRIES:
        raise ObjectiveError(
            f"Expected at most {MOST_ENTRIES} entries of θ to search all stationary points of, "
            f"found {objective.numel}: a search from everywhere grows like 2^P; ask for the place "
            "at one θ instead."
        )
    low, high = [], []
    for name, tensor in objective.parameters.items():
        if isinstance(box, Mapping):
            unknown = [key for key in box if key not in objective.parameters]
            if unknown or name not in box:
                raise ObjectiveError(
                    f"Expected bounds for {', '.join(objective.parameters)}, found "
                    f"{', '.join(box) or 'none'}: give (low, high) for each parameter."
                )
            bounds = box[name]
        else:
            bounds = box
        if not (bounds[0] < bounds[1] and all(map(math.isfinite, bounds))):
            raise ObjectiveError(
                f"Expected finite bounds low < high for {name!r}, found {bounds[0]} and "
                f"{bounds[1]}."
            )
        low += [float(bounds[0])] * tensor.numel()
        high += [float(bounds[1])] * tensor.numel()
    return torch.tensor(low, dtype=torch.float64), torch.tensor(high, dtype=torch.float64)


def _newton(derivatives: PointwiseDerivatives, points: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Where the starts end that converge inside the box (M, P)."""
    span = high - low
    ends = []
    rounding: Tensor | None = None
    for _ in range(MOST_STEPS):
        if not len(points):
            break
        gradients, hessians = derivatives.gradients(points), derivatives.hessians(points)
        finite = torch.isfinite(gradients).all(1) & torch.isfinite(hessians).all((1, 2))
        points, gradients, hessians = points[finite], gradients[finite], hessians[finite]
        if not len(points):
            break
        step = _newton_step(gradients, hessians)
        length = (step.abs() / span).amax(1)
        done = length <= CONVERGED
        norms = gradients.norm(dim=1)
        if rounding is None:  # of ∇L, by its usual size in the box
            rounding = norms.median() * UNEXPLAINED**2
        left = (gradients + (hessians @ step[:, :, None]).squeeze(2)).norm(dim=1)
        flat = done & (left <= torch.maximum(norms * UNEXPLAINED, rounding))
        ends.append(points[flat] + step[flat])
        step = step * (STRIDE / length.clamp_min(STRIDE))[:, None]
        points = (points + step)[~done]
        # a search may leave the box a little and come back, but not wander off
        points = points[((points > low - span / 4) & (points < high + span / 4)).all(1)]
    found = torch.cat(ends) if ends else points[:0]
    inside = ((found >= low - CONVERGED * span) & (found <= high + CONVERGED * span)).all(1)
    return found[inside]


def _newton_step(gradients: Tensor, hessians: Tensor) -> Tensor:
    """−H⁺g: along directions without curvature there is no step."""
    values, vectors = torch.linalg.eigh((hessians + hessians.transpose(1, 2)) / 2)
    largest = values.abs().amax(1, keepdim=True)
    usable = values.abs() > torch.finfo(torch.float64).eps * values.shape[1] * largest
    inverse = torch.where(usable, 1 / torch.where(usable, values, 1.0), 0.0)
    slopes = (vectors.transpose(1, 2) @ gradients[:, :, None]).squeeze(2)
    step: Tensor = -(vectors @ (inverse * slopes)[:, :, None]).squeeze(2)
    return step


def _distinct(ends: Tensor, span: Tensor) -> list[tuple[Tensor, int]]:
    """Ends that are one point, and how many starts went there."""
    clusters: list[tuple[Tensor, int]] = []
    left = ends
    while len(left):
        near = ((left - left[0]).abs() <= SAME * span).all(1)
        middle = left[near].median(0).values  # itself no end: it may lie beside a curve of them
        nearest = (left[near] - middle).norm(dim=1).argmin()
        clusters.append((left[near][nearest], int(near.sum())))
        left = left[~near]
    return clusters


def _snapped(derivatives: PointwiseDerivatives, points: Tensor, span: Tensor) -> Tensor:
    """The points, or short decimal numbers beside them where the slope is smaller still.

    Newton's method ends at 10⁻¹² beside 0 where the curvature is 0; at 0 itself there is no slope.
    """
    if not len(points):
        return points
    best = points.clone()
    slopes = derivatives.gradients(points).norm(dim=1)
    for share in SHORT_DECIMALS:
        unit = 10.0 ** torch.floor(torch.log10(share * span))
        rounded = torch.round(points / unit) * unit
        rounded = torch.round(rounded, decimals=12)
        there = derivatives.gradients(rounded).norm(dim=1)
        better = there < slopes
        best[better], slopes[better] = rounded[better], there[better]
    return best + 0.0


def _doubts(derivatives: PointwiseDerivatives, points: Tensor, span: Tensor) -> Tensor:
    """How far each curvature may be from that at the true place (N,).

    Where a curvature is exactly 0 the search ends a little beside the place, and there it is not
    exactly 0: x²y² has no saddle. So it is asked how the curvature changes over what the position
    may be off by. A share `ZERO` of the largest curvature counts as 0 in any case.
    """
    if not len(points):
        return points.new_zeros(0)
    middle = derivatives.hessians(points)
    step = _newton_step(derivatives.gradients(points), middle).abs()
    reach = CONVERGED * span + 2 * step
    worst: Tensor = ZERO * torch.linalg.matrix_norm(middle, 2)
    for axis in range(points.shape[1]):
        moved = torch.zeros_like(points)
        moved[:, axis] = reach[:, axis]
        for beside in (points + moved, points - moved):
            change = (derivatives.hessians(beside) - middle).flatten(1).norm(dim=1)
            worst = torch.maximum(worst, change.nan_to_num(math.inf))
    return worst


def _point(objective: Objective, theta: Tensor, many: int, doubt: float) -> StationaryPoint:
    q = local_quadratic(objective, theta.to(objective.flat().dtype))
    curvature = q.vectors @ torch.diag(q.eigenvalues) @ q.vectors.T
    step = _newton_step(q.gradient[None], curvature[None])[0]
    return StationaryPoint(
        theta=tuple(q.theta.tolist()),
        loss=q.loss,
        gradient_norm=q.gradient_norm,
        error=float(torch.linalg.vector_norm(step)),
        eigenvalues=tuple(q.eigenvalues.tolist()),
        bound=q.bound + doubt,
        kind=kind_by_curvature(q.smallest, q.largest, q.bound + doubt),
        starts=many,
    )


def kind_by_curvature(smallest: float, largest: float, bound: float) -> PlaceKind:
    """The kind of a stationary point, if no eigenvalue's interval decides otherwise."""
    if smallest - bound > 0:
        return "minimum"
    if largest + bound < 0:
        return "maximum"
    return "saddle" if smallest + bound < 0 < largest - bound else "undecided"


def _index(points: list[StationaryPoint]) -> int | None:
    """Σ (−1)^(negative eigenvalues); None if the sign of one is open."""
    total = 0
    for point in points:
        if any(abs(value) <= point.bound for value in point.eigenvalues):
            return None
        total += (-1) ** sum(value < 0 for value in point.eigenvalues)
    return total


def _winding(derivatives: PointwiseDerivatives, low: Tensor, high: Tensor) -> int | None:
    """How often ∇L turns around along the border, counterclockwise; None if it cannot be told."""
    at = torch.arange(BORDER_POINTS, dtype=torch.float64) * (4 / BORDER_POINTS)
    angles = _angles(derivatives, at, low, high)
    for _ in range(REFINEMENTS):
        if angles is None:
            return None
        turns = _turns(angles)
        wide = turns.abs() > TURN
        if not bool(wide.any()):
            return round(float(turns.sum()) / (2 * math.pi))
        after = torch.cat([at[1:], at[:1] + 4])
        between = (at[wide] + after[wide]) / 2
        more = _angles(derivatives, between, low, high)
        if more is None:
            return None
        at, order = torch.cat([at, between]).sort()
        angles = torch.cat([angles, more])[order]
    return None


def _angles(
    derivatives: PointwiseDerivatives, at: Tensor, low: Tensor, high: Tensor
) -> Tensor | None:
    """Direction of ∇L at places of the border, counted counterclockwise, a unit a side."""
    side, along = at.floor().long() % 4, at - at.floor()
    corners = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]], dtype=torch.float64)
    unit = corners[side] + along[:, None] * (corners[(side + 1) % 4] - corners[side])
    gradients = derivatives.gradients(low + unit * (high - low))
    if not bool(torch.isfinite(gradients).all()) or bool((gradients == 0).all(1).any()):
        return None
    return torch.atan2(gradients[:, 1], gradients[:, 0])


def _turns(angles: Tensor) -> Tensor:
    steps: Tensor = torch.diff(torch.cat([angles, angles[:1]]))
    return (steps + math.pi) % (2 * math.pi) - math.pi
