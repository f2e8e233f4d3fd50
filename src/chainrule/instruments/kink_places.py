"""Minima, maxima and saddles at kinks, where the slope jumps and Newton's method on ∇L is blind.

A kink lies where something in the formula is 0: the x of |x|, the a − b of max(a, b). In one
variable these zeros are the places. In two they are curves, and a place on one can only be critical
if L has no slope along the curve, or if two curves cross. What it is there, places nearby tell.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import torch
from torch import Tensor

from chainrule.calculus import Formula, FormulaError, write
from chainrule.calculus.borders import borders
from chainrule.objective import Objective, ObjectiveError
from chainrule.records.flatness import Extent, KinkPlace

from .flat_extents import spread_out
from .slope import KINK_GAP, ROUNDING_MARGIN

STARTS = 512
"""Places from which each zero is searched."""

MOST_STEPS = 60
"""Newton steps from each: a threefold zero, as that of x³, needs as many."""

MOST_VARIABLES = 2
"""Beyond the plane, kinks meet in surfaces and edges that are not followed here."""

MOST_PLACES = 40
"""Places tried at most."""

CONVERGED = 1e-9
"""A step below this share of the box has converged."""

SAME = 1e-6
"""Places nearer than this share of the box are one."""

MOST_TIPS = 20
"""Places where one part alone is 0 that count as single ones; more are a curve."""

ROUNDED = 1e-14
"""Share of the largest singular value of equations that counts as 0."""

RADII = (1e-5, 1e-4, 1e-3)
"""Distances at which places nearby are tried, as shares of the box; in each direction the nearest
at which the loss differs by more than rounding decides."""

NEAR, NEARER = 1e-5, 1e-7
"""Distances, as shares of the box, between which a jump of the slope stays and a curvature goes."""

DIRECTIONS = 64
"""Around a place in the plane."""

HALF_A_TURN = math.pi + 1e-3
"""Largest angle that slopes around a place may leave free, if 0 lies between them."""

Values = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class _Border:
    part: str
    value: Values
    """(P,) → ()."""


def kink_places(
    objective: Objective, formula: Formula, box: Mapping[str, tuple[float, float]]
) -> tuple[KinkPlace, ...]:
    """Critical places at kinks: in one variable all kinks, in two those where 0 is between slopes.

    Args:
        objective: The formula's L.
        formula: The formula, whose parts say where kinks can be.
        box: Where to look, by variable.

    Returns:
        The lowest first; none for more than two entries of θ. A curve of them comes out as some of
        its points.

    Cost: `MOST_STEPS` slopes and curvatures of `STARTS` places for each part with a kink and each
    pair of them.
    Error: what places nearby say of the kind is likely, not certain.
    """
    if objective.numel > MOST_VARIABLES:
        return ()
    low = torch.tensor([box[name][0] for name in objective.parameters], dtype=torch.float64)
    high = torch.tensor([box[name][1] for name in objective.parameters], dtype=torch.float64)
    known = _borders(objective, formula)
    if not known:
        return ()

    def loss(theta: Tensor) -> Tensor:
        return objective.loss(objective.point(theta))

    apart = SAME * float((high - low).max())
    ends = []
    for system in _tips(known, len(low)):
        some = _zeros(system, low, high)
        single = spread_out(some, MOST_TIPS + 1, apart) if len(some) else some
        ends += [single] if len(single) <= MOST_TIPS else []  # else they are a curve
    ends += [_zeros(system, low, high) for system in _systems(known, loss, len(low))]
    ends = [some for some in ends if len(some)]
    if not ends:
        return ()
    trial = _Trial(loss, known, high - low)
    found = [trial(theta) for theta in spread_out(torch.cat(ends), MOST_PLACES, apart)]
    told = [place for place in found if place is not None]
    return tuple(sorted(told, key=lambda place: (place.loss, place.theta)))


def _borders(objective: Objective, formula: Formula) -> list[_Border]:
    found: dict[str, _Border] = {}
    names = list(objective.parameters)
    for part, border in borders(formula):
        text = write(border)
        if text in found:
            continue
        try:
            inner = Objective.from_formula(text)
        except (FormulaError, ObjectiveError):
            continue  # of numbers alone, or a vector
        places = [names.index(name) for name in inner.parameters]

        def value(theta: Tensor, inner: Objective = inner, own: list[int] = places) -> Tensor:
            return inner.loss(inner.point(theta[own]))

        found[text] = _Border(write(part), value)
    return list(found.values())


def _tips(known: Sequence[_Border], entries: int) -> list[Values]:
    """Equations of what is 0 at single places of the plane, as x² + y²."""
    if entries == 1:
        return []
    return [
        lambda theta, b=each.value: torch.stack([b(theta), 0 * theta[0]])  # type: ignore[misc]
        for each in known
    ]


def _systems(known: Sequence[_Border], loss: Values, entries: int) -> list[Values]:
    """Equations that hold where a kink can be critical: (P,) → (P,)."""
    if entries == 1:
        return [lambda theta, b=each.value: b(theta)[None] for each in known]  # type: ignore[misc]
    slope = torch.func.grad(loss)

    def along(border: Values) -> Values:
        def equations(theta: Tensor) -> Tensor:
            n, g = torch.func.grad(border)(theta), slope(theta)
            return torch.stack([border(theta), n[0] * g[1] - n[1] * g[0]])

        return equations

    def crossing(one: Values, other: Values) -> Values:
        return lambda theta: torch.stack([one(theta), other(theta)])

    crossings = [crossing(one.value, other.value) for one, other in combinations(known, 2)]
    return crossings + [along(each.value) for each in known]


def _zeros(system: Values, low: Tensor, high: Tensor) -> Tensor:
    """Where the equations hold inside the box (M, P): Newton's method from many starts."""
    span = high - low
    sobol = torch.quasirandom.SobolEngine(len(low), True, 0)  # type: ignore[no-untyped-call]
    points = low + sobol.draw(STARTS, dtype=torch.float64) * span
    both = torch.vmap(lambda theta: (system(theta), torch.func.jacrev(system)(theta)))
    sizes, largest = points.new_empty(0), points.new_empty(0)
    step = torch.full_like(points, math.inf)
    for _ in range(MOST_STEPS):
        values, slopes = both(points)
        finite = torch.isfinite(values).all(1) & torch.isfinite(slopes).all((1, 2))
        points, values, slopes = points[finite], values[finite], slopes[finite]
        if not len(points):
            return points
        if not len(sizes):  # equations are weighed by their usual slope
            sizes = slopes.norm(dim=2).amax(0)
            level = sizes <= CONVERGED * sizes.max()  # holds everywhere or nowhere
            sizes = torch.where(level, math.inf, sizes)
            largest = torch.where(
                level, CONVERGED * slopes.norm(dim=2).max() * span.max(), math.inf
            )
        inverse = torch.linalg.pinv(slopes / sizes[:, None], rtol=ROUNDED)
        step = -(inverse @ (values / sizes)[:, :, None]).squeeze(2)
        length = (step.abs() / span).amax(1, keepdim=True)
        step = step / (8 * length).clamp_min(1.0)
        points = points + step
    values = torch.vmap(system)(points).abs()
    holds = ((values / sizes <= CONVERGED * span.max()) & (values <= largest)).all(1)
    done = holds & ((step.abs() / span).amax(1) <= 10 * CONVERGED)
    inside = ((points >= low - CONVERGED * span) & (points <= high + CONVERGED * span)).all(1)
    return _shortened(system, points[done & inside], span)


def _shortened(system: Values, points: Tensor, span: Tensor) -> Tensor:
    """Short decimal numbers where the equations hold at least as well there."""
    if not len(points):
        return points
    residual = torch.vmap(system)(points).abs().amax(1)
    for decimals in (6, 8):
        shift = decimals - math.ceil(math.log10(float(span.max())))
        rounded = torch.round(points, decimals=max(0, shift)) + 0.0
        there = torch.vmap(system)(rounded).abs().amax(1)
        better = (there < residual) | (there == 0)
        points = torch.where(better[:, None], rounded, points)
        residual = torch.where(better, there, residual)
    return points


class _Trial:
    """Tries places nearby.

    Args:
        loss: L (P,) → ().
        known: What may have kinks.
        span: Of the box.
    """

    def __init__(self, loss: Values, known: Sequence[_Border], span: Tensor) -> None:
        self._known, self._span = known, span
        self._values: Values = torch.vmap(loss)
        self._slopes: Values = torch.vmap(torch.func.grad(loss))

    def __call__(self, theta: Tensor) -> KinkPlace | None:
        """What is there; None if nothing is critical."""
        here = float(self._values(theta[None])[0])
        ring = self._ring(len(theta))
        jumps = self._jumps(theta, ring)
        if not math.isfinite(here) or jumps is None:
            return None
        active = [each for each in self._known if self._is_zero(each, theta)]
        slopes = self._slopes(theta + NEARER * self._span * ring)
        rounding = _rounding(max(abs(here), float(slopes.norm(dim=1).max() * theta.norm())))
        signs = [
            self._sign([theta + r * self._span * way for r in RADII], here, rounding)
            for way in ring
        ]
        level = False
        if len(theta) == 2:
            for each in active:
                ends = [self._sign(way, here, rounding) for way in self._along(each, theta)]
                level = level or (bool(ends) and not any(ends))
                signs += ends
        kind = self._kind(signs, slopes, jumps == "jump")
        if kind is None:
            return None
        extent: Extent = "curve" if level else "point"
        return KinkPlace(
            theta=tuple(theta.tolist()),
            loss=here,
            rounding=rounding,
            kind=kind,
            extent=extent,
            parts=tuple(dict.fromkeys(each.part for each in active)),
        )

    def _kind(
        self, signs: Sequence[int], slopes: Tensor, jump: bool
    ) -> Literal["minimum", "maximum", "saddle", "kink", "jump"] | None:
        if not any(signs):
            return None
        if min(signs) >= 0:
            return "minimum"
        if max(signs) <= 0:
            return "maximum"
        if slopes.shape[1] == 1:
            return "jump" if jump else "kink"
        return "saddle" if _zero_between(slopes) else None

    def _ring(self, entries: int) -> Tensor:
        if entries == 1:
            return torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
        turn = torch.arange(DIRECTIONS, dtype=torch.float64) * (2 * math.pi / DIRECTIONS)
        return torch.stack([torch.cos(turn), torch.sin(turn)], 1)

    def _is_zero(self, border: _Border, theta: Tensor) -> bool:
        size = float(torch.linalg.vector_norm(self._span)) * 10 * CONVERGED
        slope = float(torch.func.grad(border.value)(theta + size).norm())
        return abs(float(border.value(theta))) <= max(size * slope, size * size)

    def _jumps(self, theta: Tensor, ring: Tensor) -> Literal["kink", "jump"] | None:
        """Whether the slope, or the value, differs as much nearer by as it does near by."""
        turned = ring
        if len(theta) == 2:  # not along an axis, which may be the kink itself
            turned = ring @ torch.tensor([[0.9995, 0.0316], [-0.0316, 0.9995]], dtype=torch.float64)
        gaps, steps = [], []
        for share in (NEARER, NEAR):
            places = theta + share * self._span * turned
            values, slopes = self._values(places), self._slopes(places)
            if not bool(torch.isfinite(values).all() & torch.isfinite(slopes).all()):
                return None
            gaps.append(float((slopes - slopes[0]).norm(dim=1).max()))
            rounding = _rounding(float(values.abs().max()))
            steps.append(max(0.0, float(values.max() - values.min()) - rounding))
        if steps[0] > 0 and steps[0] >= KINK_GAP * steps[1]:
            return "jump"
        return "kink" if gaps[0] > 0 and gaps[0] >= KINK_GAP * gaps[1] else None

    def _sign(self, way: Sequence[Tensor], here: float, rounding: float) -> int:
        """Whether it is higher (1) or lower (−1) that way, or level (0)."""
        for value in self._values(torch.stack(list(way))).tolist():
            change = value - here
            if math.isfinite(change) and abs(change) > max(rounding, _rounding(abs(value))):
                return 1 if change > 0 else -1
        return 0

    def _along(self, border: _Border, theta: Tensor) -> list[list[Tensor]]:
        """Places along the curve on which a border is 0, both ways."""
        normal = torch.func.grad(border.value)(theta)
        if not bool(torch.isfinite(normal).all()) or float(normal.norm()) <= CONVERGED:
            return []
        tangent = torch.stack([-normal[1], normal[0]]) / normal.norm()
        ways = []
        for sign in (1.0, -1.0):
            way = []
            for share in RADII:
                place = theta + sign * share * self._span * tangent
                for _ in range(4):
                    n, b = torch.func.grad_and_value(border.value)(place)
                    place = place - n * b / (n @ n).clamp_min(torch.finfo(torch.float64).tiny)
                way.append(place)
            ways.append(way)
        return ways


def _zero_between(slopes: Tensor) -> bool:
    """Whether the slopes around a place leave no half-plane free (Clarke's condition)."""
    sizes = slopes.norm(dim=1)
    if bool((sizes <= 10 * NEARER * sizes.max()).any()):
        return True
    turns = torch.atan2(slopes[:, 1], slopes[:, 0]).sort().values
    free = torch.diff(torch.cat([turns, turns[:1] + 2 * math.pi])).max()
    return float(free) <= HALF_A_TURN


def _rounding(size: float) -> float:
    return ROUNDING_MARGIN * torch.finfo(torch.float64).eps * size
