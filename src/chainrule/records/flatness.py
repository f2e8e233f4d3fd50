"""Flat places: what kind of place it is where the loss no longer falls, and how sure that is."""

import math
import sys
from dataclasses import dataclass
from typing import Literal

PlaceKind = Literal[
    "minimum", "maximum", "saddle", "plateau", "kink", "bouncing", "slope", "undecided"
]
"""`slope`: not flat at all; `bouncing`: the loss stands still although the gradient is not small;
`kink`: the slope jumps here, so that the gradient says nothing."""

PlateauKind = Literal[
    "vanished-chain", "dead-units", "zero-learning-rate", "noise-floor", "unknown"
]
"""Why a plateau is flat: a chain of small factors, units whose derivative is exactly 0 because they
are switched off or saturated, a learning rate of 0, or noise that hides what slope there is."""

Extent = Literal["point", "curve", "region"]
"""Whether a place without slope stands alone, or is one of a curve or of a whole region of them."""

Certainty = Literal["certain", "likely", "undecided"]
"""`certain`: follows from numbers and their error bounds. `likely`: from trying places nearby."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFact:
    """One measured number that the classification rests on.

    Attributes:
        quantity: What was measured.
        value: The number.
        bound: How far it can be from the true one; 0 where that was not asked.
        comparison: What it was compared with, in words; empty if nothing.
    """

    quantity: str
    value: float
    bound: float = 0.0
    comparison: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """The way down from a place that is not a minimum.

    Attributes:
        direction: Unit vector, flat; empty if θ has more entries than are kept.
        curvature: uᵀ∇²L u along it; negative where the loss bends down.
        fall: How much lower the loss was at `distance` along it; 0 if no fall was found.
        distance: Where along it the lowest loss was met.
        goes_on: True if the loss was still falling at the farthest place tried.
    """

    direction: tuple[float, ...]
    curvature: float
    fall: float
    distance: float
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMeasurements:
    """What is known of a place; None where it was not measured.

    Attributes:
        loss: L(θ).
        gradient_norm: ‖∇L‖ on the whole objective, or the average over batches.
        smallest_eigenvalue: λ_min.
        largest_eigenvalue: λ_max.
        eigenvalue_bound: Neither is farther than this from a true eigenvalue.
        stationary_distance: How far away, by the local quadratic, the slope would be 0, along
            the directions that have a slope worth the name.
        reach: The distance that counts as being at a place.
        radius: The distance within which flatness is asked about.
        fall_in_sight: How much lower a loss is known: met on the run, or found farther away, where
            it counts the less the farther.
        variation: Largest change of the loss seen within `radius`.
        lowest_nearby: Lowest L − L(θ) among points tried nearby.
        highest_nearby: Highest L − L(θ) among them.
        rounding: Differences of the loss below this are rounding.
        kink: True if the slope jumps here.
        short_step_falls: Whether a step down the gradient, however short, lowered the loss by more
            than rounding.
        learning_rate: η of the run.
        loss_falls: Whether the loss over steps still falls, from its slope.
        turn: Cosine between the gradients before and after a step, on the same data.
        sharpness_times_rate: η times the (preconditioned) sharpness over the optimizer's stability
            limit: 1 is at the edge.
        gradient_noise: How long the mean gradient would be if it were all noise: its standard
            error, from the scatter of the batches' gradients.
        chain_gain: Typical gradient that reaches the earliest parameters over that at the last.
        dead_share: Share of units whose derivative was 0 on every example.
    """

    loss: float
    gradient_norm: float
    smallest_eigenvalue: float | None = None
    largest_eigenvalue: float | None = None
    eigenvalue_bound: float = 0.0
    stationary_distance: float | None = None
    reach: float = 0.0
    radius: float = 1.0
    fall_in_sight: float | None = None
    variation: float | None = None
    lowest_nearby: float | None = None
    highest_nearby: float | None = None
    rounding: float = 0.0
    kink: bool = False
    short_step_falls: bool | None = None
    learning_rate: float | None = None
    loss_falls: bool | None = None
    turn: float | None = None
    sharpness_times_rate: float | None = None
    gradient_noise: float | None = None
    chain_gain: float | None = None
    dead_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatPlace:
    """What kind of place this is.

    Attributes:
        kind: The kind.
        certainty: How sure that is.
        plateau: Of what kind, if it is a plateau.
        escape: The way down, where there is one and it was looked for.
        facts: The numbers that say so.
        reason: Why it is this kind and how sure that is, without the numbers.
    """

    kind: PlaceKind
    certainty: Certainty
    plateau: PlateauKind | None
    escape: Escape | None
    facts: tuple[PlaceFact, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationaryPoint:
    """A place with ∇L = 0.

    Attributes:
        theta: Where, flat.
        loss: L there.
        gradient_norm: ‖∇L‖ that is left.
        error: How far the true stationary point can be, by the next Newton step.
        eigenvalues: Of the Hessian, largest first.
        bound: No eigenvalue is farther than this from one at the true stationary point.
        kind: `minimum`, `saddle`, `maximum`, or `undecided` where an eigenvalue's interval holds 0.
        starts: From how many starts it was reached.
        extent: Whether it stands alone.
    """

    theta: tuple[float, ...]
    loss: float
    gradient_norm: float
    error: float
    eigenvalues: tuple[float, ...]
    bound: float
    kind: PlaceKind
    starts: int
    extent: Extent = "point"

    @property
    def rounding(self) -> float:
        """What `loss` may be above or below the true stationary point's, by its position alone."""
        size = math.hypot(*self.theta)
        away = self.error + 4 * sys.float_info.epsilon * size
        steepest = max((abs(value) for value in self.eigenvalues), default=0.0)
        return self.gradient_norm * away + 0.5 * steepest * away**2


@dataclass(frozen=True, slots=True, kw_only=True)
class KinkPlace:
    """A place where the slope jumps and which is critical for that.

    Attributes:
        theta: Where, flat.
        loss: L there.
        rounding: Differences of the loss below this are rounding.
        kind: As places nearby say: `kink` where it is lower on one side and higher on the other,
            `jump` where the value itself jumps.
        extent: Whether it stands alone or is one of a curve of them.
        parts: The parts of the formula that have the kink, as they were typed.
    """

    theta: tuple[float, ...]
    loss: float
    rounding: float
    kind: Literal["minimum", "maximum", "saddle", "kink", "jump"]
    extent: Extent
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationaryPoints:
    """The stationary points found in a box.

    Attributes:
        parameters: Names and shapes, in the order of the flat θ.
        low: Lower corner of the box, flat.
        high: Upper corner.
        points: Those found that stand alone, the lowest loss first.
        extended: Some points of the curves and regions on which the slope is 0 everywhere.
        starts: Searches begun.
        expected_missing: How many points the search is likely to have missed, estimated from
            those that only few starts reached (Chao 1984).
        index: Σ (−1)^(number of negative eigenvalues) over the points found; None if one of them
            is undecided.
        winding: What that sum must be, from the turns that ∇L makes along the border of the box
            (Poincaré–Hopf); None if the box has not two dimensions or ∇L vanishes on its border.
    """

    parameters: tuple[tuple[str, tuple[int, ...]], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    points: tuple[StationaryPoint, ...]
    extended: tuple[StationaryPoint, ...]
    starts: int
    expected_missing: float
    index: int | None
    winding: int | None

    def of(self, kind: PlaceKind) -> tuple[StationaryPoint, ...]:
        """Those of one kind."""
        return tuple(point for point in self.points if point.kind == kind)
