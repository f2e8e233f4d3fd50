"""Measuring a place for `flatness.classify`: slope, curvature, and trying places nearby."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.objective.objective import Objective, Theta
from chainrule.records.flatness import Escape, FlatPlace, PlaceMeasurements

from .flatness import classify
from .newton import newton_step
from .quadratic import LocalQuadratic, local_quadratic
from .slope import KINK_GAP, ROUNDING_MARGIN, entries

REACH = 1e-3
"""Being at a stationary point: nearer to it than this share of the size of θ (at least 1), which
shows in the third digit of no weight."""

RADIUS = 0.1
"""The neighbourhood of a place, as a share of the size of θ (at least 1)."""

NEARBY = (1e-3, 1e-2, 1e-1)
"""Distances at which places nearby are tried, as shares of the size of θ; the nearest at which the
loss differs by more than rounding decides."""

FAR = (1.0, 3.0, 10.0)
"""Distances at which a lower loss is looked for, as shares of the size of θ."""

SHORT_STEPS = tuple(10.0**-k for k in range(1, 9))
"""Steps down the gradient, as shares of the size of θ: from the neighbourhood to what float64 can
still tell."""

POWER = 4
"""A fall that is met F times the size of θ away counts F⁻⁴: far away every polynomial of that
degree falls or rises so much more, and is no plateau for that."""

LONGEST = 100.0
"""How far a way down is followed, as a share of the size of θ."""

SPACING = 1.25
"""Ratio of consecutive distances tried along a way down: the lowest loss is met within 12 %."""

SOLVED = 0.05
"""Relative residual at which the distance to the stationary point counts as known: to 5 % in the
directions that matter, where it is compared with a thousandth."""

SOLVED_IN = 50
"""Products for that distance: as many as both ends of the spectrum take."""

KINK_SHARE = 0.5
"""Of the steepest slope, what a jump must exceed to be the kind of a place: a network of relus has
small jumps everywhere (measured: 0.5 to 5 % of the slope), and its gradient still holds. At the
bottom of |x| the jump is twice the slope."""

MOST_DIRECTIONS = 16
"""Directions tried at most, each both ways: the sharpest and the most downward ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the caller knows of the run that came here; see `PlaceMeasurements`."""

    learning_rate: float | None = None
    loss_falls: bool | None = None
    turn: float | None = None
    sharpness_times_rate: float | None = None
    gradient_noise: float | None = None
    chain_gain: float | None = None
    dead_share: float | None = None


def flat_place(
    objective: Objective,
    theta: Theta | None = None,
    *,
    situation: Situation | None = None,
    quadratic: LocalQuadratic | None = None,
) -> FlatPlace:
    """What kind of place θ is: minimum, saddle, maximum, plateau, bouncing, or no flat place.

    Args:
        objective: L.
        theta: Where; θ₀ if not given.
        situation: What is known of the run that came here; without it `bouncing`, a noise floor
            and a learning rate of 0 cannot be seen.
        quadratic: The curvature at θ, if it was measured already.

    Cost: the local quadratic, and some hundred values of L.
    Error: the kinds `minimum`, `maximum` and `saddle` are `certain` where each eigenvalue that
        decides is farther from 0 than its error bound; what trying places nearby says is `likely`.

    Raises:
        ObjectiveError: If L, ∇L or the curvature is not finite at θ.
    """
    q = local_quadratic(objective, theta) if quadratic is None else quadratic
    size = max(1.0, float(torch.linalg.vector_norm(q.theta.double())))
    directions = _directions(q)
    known = situation or Situation()
    tried = _try_nearby(objective, q, directions, size)
    measured = PlaceMeasurements(
        loss=q.loss,
        gradient_norm=q.gradient_norm,
        smallest_eigenvalue=q.smallest,
        largest_eigenvalue=q.largest,
        eigenvalue_bound=q.bound + _change_of_curvature(objective, q, REACH * size),
        stationary_distance=stationary_distance(objective, q),
        reach=REACH * size,
        radius=RADIUS * size,
        fall_in_sight=tried.fall_in_sight,
        variation=tried.variation,
        lowest_nearby=tried.lowest,
        highest_nearby=tried.highest,
        rounding=tried.rounding,
        kink=_has_kink(objective, q, directions, size),
        short_step_falls=_falls(objective, q, size, tried.rounding),
        learning_rate=known.learning_rate,
        loss_falls=known.loss_falls,
        turn=known.turn,
        sharpness_times_rate=known.sharpness_times_rate,
        gradient_noise=known.gradient_noise,
        chain_gain=known.chain_gain,
        dead_share=known.dead_share,
    )
    place = classify(measured)
    if place.kind in ("saddle", "maximum"):
        return classify(measured, escape_route(objective, q, size))
    return place


def stationary_distance(objective: Objective, q: LocalQuadratic) -> float | None:
    """How far away the local quadratic's slope is 0: ‖H⁻¹∇L‖, the length of Newton's step.

    Along a direction whose curvature cannot be told from 0 the slope must be 0 as well: so small
    that following it through the neighbourhood changes the loss by no more than rounding. There
    the distance is infinite if it is not.

    Where only the ends of the spectrum are known, ‖∇L‖ over the smaller of |λ_min| and |λ_max| is
    taken: from there on the curvature of both ends outweighs all of the slope. (Where both have
    one sign it is an upper bound of ‖H⁻¹∇L‖.) If that is out of reach, the step is solved for by
    at most `SOLVED_IN` products. If they do not suffice, its length is a lower bound: it can say
    that this is no stationary place, but not that it is one, and is then None if within reach.
    """
    if q.complete:
        return _exact_distance(q)
    if q.gradient_norm == 0:
        return 0.0
    reach = REACH * max(1.0, float(torch.linalg.vector_norm(q.theta.double())))
    least = min(abs(q.smallest), abs(q.largest))
    if least > q.bound and q.gradient_norm / least <= reach:
        return q.gradient_norm / least
    step = newton_step(
        objective, q.theta, q.gradient.to(q.theta), tolerance=SOLVED / 2, most_products=SOLVED_IN
    )
    length = float(torch.linalg.vector_norm(step.towards))
    return length if step.residual <= SOLVED or length > reach else None


def _change_of_curvature(objective: Objective, q: LocalQuadratic, reach: float) -> float:
    """How much the eigenvalues may differ between θ and the stationary place nearby.

    Where they are 0 at that place they are not exactly 0 a little beside it, and their signs there
    say nothing. Newton's step covers at least a third of the way in each direction, even to such a
    place, and the curvature along it grows at least linearly, so twice the change is a bound.
    """
    if not q.complete or q.gradient_norm == 0:
        return 0.0
    usable = q.eigenvalues.abs() > q.bound
    inverse = torch.where(usable, 1 / torch.where(usable, q.eigenvalues, 1.0), 0.0)
    step = -(q.vectors @ (inverse * q.slopes))
    if not 0 < float(torch.linalg.vector_norm(step)) <= reach:
        return 0.0
    at = q.theta.double() + step.to(q.theta.device)
    there = local_quadratic(objective, at.to(q.theta.dtype))
    return 2 * float((there.eigenvalues - q.eigenvalues).abs().max())


def _exact_distance(q: LocalQuadratic) -> float:
    slopes, curvatures = q.slopes.abs(), q.eigenvalues.abs()
    radius = RADIUS * max(1.0, float(torch.linalg.vector_norm(q.theta.double())))
    # a slope is computed from terms of the size of the loss: of those it is a difference
    rounding = ROUNDING_MARGIN * torch.finfo(q.theta.dtype).eps * abs(q.loss)
    flat = curvatures <= q.bound
    # where the loss itself is 0, as on a curve of minima, the gradient's own rounding is left
    least = 16 * torch.finfo(torch.float64).eps * q.gradient_norm
    gone = (slopes <= least) | (flat & (slopes * radius <= rounding))
    open_ = ~gone & flat
    if bool(open_.any()):
        return math.inf
    steps = torch.where(gone, 0.0, slopes / curvatures.clamp_min(torch.finfo(torch.float64).tiny))
    return float(torch.linalg.vector_norm(steps))


def escape_route(objective: Objective, q: LocalQuadratic, size: float = 1.0) -> Escape:
    """The way down along the most downward direction, followed until the loss rises again.

    Args:
        objective: L.
        q: Its quadratic at the place to leave.
        size: Of θ; distances are shares of it.

    Cost: at most some hundred values of L.
    """
    best: tuple[float, float, bool, Tensor] = (0.0, 0.0, False, q.vectors[:, -1])
    for u in (q.vectors[:, -1], *_directions(q)):
        for way in (u, -u):
            fall, distance, goes_on = _follow(objective, q, way, size)
            if fall > best[0]:
                best = (fall, distance, goes_on, way)
        if best[0] > 0:  # the others are tried only where curvature alone does not lead down
            break
    fall, distance, goes_on, way = best
    return Escape(
        direction=entries(way),
        curvature=float(way @ (q.vectors @ (q.eigenvalues * (q.vectors.T @ way)))),
        fall=fall,
        distance=distance,
        goes_on=goes_on,
    )


def _follow(
    objective: Objective, q: LocalQuadratic, way: Tensor, size: float
) -> tuple[float, float, bool]:
    """(fall, distance, still falling at the end) along a unit vector."""
    fall, at = 0.0, 0.0
    distance = NEARBY[0] * size
    while distance <= LONGEST * size:
        lower = q.loss - _value(objective, q, way, distance)
        if not math.isfinite(lower):
            return (fall, at, True) if lower == math.inf else (fall, at, False)
        if lower < fall:
            return fall, at, False
        if lower > fall:
            fall, at = lower, distance
        distance *= SPACING
    return fall, at, fall > 0


@dataclass(frozen=True, slots=True)
class _Tried:
    lowest: float
    highest: float
    variation: float
    fall_in_sight: float
    rounding: float


def _try_nearby(
    objective: Objective, q: LocalQuadratic, directions: list[Tensor], size: float
) -> _Tried:
    """How the loss changes at places near and far, both ways along each direction."""
    changes: dict[float, list[float]] = {}
    largest = abs(q.loss)
    for share in (*NEARBY, *FAR):
        found = []
        for u in directions:
            for way in (u, -u):
                value = _value(objective, q, way, share * size)
                if math.isfinite(value):
                    found.append(value - q.loss)
                    if share in NEARBY:
                        largest = max(largest, abs(value))
        changes[share] = found or [0.0]
    rounding = ROUNDING_MARGIN * torch.finfo(q.theta.dtype).eps * largest
    lowest = highest = 0.0
    for share in NEARBY:
        lowest, highest = min(changes[share]), max(changes[share])
        if max(-lowest, highest) > rounding:
            break
    return _Tried(
        lowest=lowest,
        highest=highest,
        variation=max(abs(c) for share in NEARBY if share <= RADIUS for c in changes[share]),
        fall_in_sight=max(
            max(0.0, -min(found)) / max(1.0, share) ** POWER for share, found in changes.items()
        ),
        rounding=rounding,
    )


def _directions(q: LocalQuadratic) -> list[Tensor]:
    """Unit vectors worth trying: eigen-directions from both ends, the gradient, the diagonals."""
    count = q.vectors.shape[1]
    half = MOST_DIRECTIONS // 2
    columns = sorted({*range(min(half, count)), *range(max(0, count - half), count)})
    found = [q.vectors[:, k] for k in columns]
    if q.gradient_norm > 0:
        found.append(q.gradient / q.gradient_norm)
    for i in range(len(columns) - 1):  # a monkey saddle has lines along which it is level
        a, b = found[i], found[i + 1]
        found += [(a + 0.5 * b) / math.sqrt(1.25), (a - 0.7 * b) / math.sqrt(1.49)]
    return found


def _falls(objective: Objective, q: LocalQuadratic, size: float, rounding: float) -> bool:
    """Whether a step down the gradient lowers the loss, of the lengths that rounding allows."""
    if q.gradient_norm == 0:
        return False
    down = -q.gradient / q.gradient_norm
    return any(
        _value(objective, q, down, share * size) < q.loss - rounding for share in SHORT_STEPS
    )


def _has_kink(
    objective: Objective, q: LocalQuadratic, directions: list[Tensor], size: float
) -> bool:
    """Whether along some direction the slopes on both sides stay apart as the step shrinks.

    (L(θ + hu) − 2L(θ) + L(θ − hu))/h is the jump of the slope, plus h·uᵀHu: over two decades of h
    the second part falls to a hundredth.
    """
    epsilon = torch.finfo(q.theta.dtype).eps
    near = 10 * math.sqrt(epsilon) * size
    count = min(MOST_DIRECTIONS, len(q.theta))
    axes = torch.eye(count, len(q.theta), dtype=torch.float64, device="cpu")
    for u in (*directions, *axes):
        jumps = []
        for h in (near, 100 * near):
            up, down = _value(objective, q, u, h), _value(objective, q, -u, h)
            rounded = ROUNDING_MARGIN * 4 * epsilon * max(abs(q.loss), abs(up), abs(down)) / h
            jump = abs(up - 2 * q.loss + down) / h
            jumps.append(jump if jump > rounded else 0.0)
        stays = math.isfinite(jumps[1]) and jumps[0] >= KINK_GAP * jumps[1]
        if stays and jumps[0] > KINK_SHARE * q.gradient_norm:
            return True
    return False


def _value(objective: Objective, q: LocalQuadratic, way: Tensor, distance: float) -> float:
    at = q.theta.double() + distance * way.to(q.theta.device)
    return objective.value(at.to(q.theta.dtype))
