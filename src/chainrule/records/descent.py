"""Descent: the regimes of the learning rate, a trajectory, and how the one foretold the other."""

from dataclasses import dataclass, field
from typing import Literal

from .flatness import FlatPlace

OptimizerName = Literal[
    "gradient-descent", "momentum", "nesterov", "rmsprop", "adam", "adamw", "newton"
]

Motion = Literal["monotone", "oscillating", "diverging"]
"""Along one direction: approach from one side; from side to side, but nearer; farther away."""

Outcome = Literal["monotone", "oscillating", "diverging", "non-finite", "not-moving"]
"""What a trajectory did: a `Motion`, or it met a number that is not finite, or it never moved."""


Reason = Literal[
    "curvature-rose",
    "curvature-fell",
    "curvature-turned-negative",
    "kink",
    "left-the-quadratic",
    "preconditioner-changed",
    "too-few-steps",
    "steps-below-rounding",
    "unexplained",
]
"""Why a prediction from the quadratic at the start failed, each measured along the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EigenDirection:
    """One eigen-direction of the (preconditioned) Hessian and what the optimizer does along it.

    Attributes:
        eigenvalue: λ, the curvature along it: of the Hessian, or of the preconditioned Hessian.
        gradient: The gradient's component along it.
        multiplier: What one step multiplies the distance to the quadratic's stationary point by,
            in modulus the largest root of the optimizer's recurrence: 1 − ηλ for gradient
            descent. It carries its sign where it is real.
        complex: True if the roots are a complex pair: the distance swings as it shrinks or grows.
        motion: What that means; for λ < 0 `diverging` is moving away from a ridge or saddle,
            downhill, which is what one wants.
        active: False if the start has so little gradient along it that it will not show within
            the steps asked for.
        vector: The direction as a unit vector; empty if θ has more entries than are kept.
    """

    eigenvalue: float
    gradient: float
    multiplier: float
    complex: bool
    motion: Motion
    active: bool
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimes:
    """Where learning rates change their character, for this objective at this place.

    Attributes:
        optimizer: Which optimizer.
        learning_rate: η asked about.
        eigenvalues: Of the Hessian ∇²L where it was measured, largest first: all, or only the
            known ones.
        bound: No eigenvalue given is farther than this from a true one.
        sharpness: The curvature that limits η: λ_max, or that of the preconditioned Hessian.
        preconditioned: True if `sharpness` is of the preconditioned Hessian.
        preconditioner_steps: After how many steps on the quadratic, at this η, the preconditioner
            was taken; 0 without one. It changes with each step and with η, and so do the limits.
        monotone_limit: Largest η at which no direction overshoots (1/λ for gradient descent);
            infinite where nothing curves upwards.
        stable_limit: η from which on the sharpest direction diverges (2/λ for gradient descent).
        prediction: What the quadratic at the start says that the optimizer will do.
        directions: The eigen-directions known, the sharpest first.
    """

    optimizer: OptimizerName
    learning_rate: float
    eigenvalues: tuple[float, ...]
    bound: float
    sharpness: float
    preconditioned: bool
    monotone_limit: float
    stable_limit: float
    prediction: Motion
    directions: tuple[EigenDirection, ...]
    preconditioner_steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrajectoryPoint:
    """One point on the way.

    Attributes:
        step: How many steps were made before it; 0 is the start.
        loss: L(θ).
        gradient_norm: ‖∇L(θ)‖.
        step_length: ‖Δθ‖ of the step that is made from here; NaN at the last point.
        theta: θ, flat; empty if θ has more entries than are kept.
    """

    step: int
    loss: float
    gradient_norm: float
    step_length: float
    theta: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCurvature:
    """The curvature met at one point of a trajectory.

    Attributes:
        step: Where.
        largest: λ_max of the Hessian there.
        smallest: λ_min.
        bound: Neither is farther than this from a true eigenvalue.
    """

    step: int
    largest: float
    smallest: float
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """A place where the slope jumps, as at 0 in |x| or relu(x).

    Attributes:
        step: The step that crossed it.
        theta: Where it is, flat; empty if θ has more entries than are kept.
        slope_before: ∇L·u just before it, u the direction of the step.
        slope_after: ∇L·u just after it.
        width: Within this distance the whole jump happens.
    """

    step: int
    theta: tuple[float, ...]
    slope_before: float
    slope_after: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """A trajectory, what was foretold of it, and what came.

    Attributes:
        objective: What was descended, in a few words.
        parameters: Names and shapes, in the order of the flat θ.
        optimizer: Which optimizer.
        settings: Its hyperparameters as PyTorch was given them.
        solver: How Newton steps were solved for; empty for other optimizers.
        regimes: The regimes at the start.
        points: The trajectory, the start included.
        outcome: What it did.
        rises: Steps after which the loss was higher than before.
        reversals: How often the movement along an eigen-direction of the start turned back.
        agrees: Whether the outcome is the one foretold.
        departs_at: First step at which the loss was no longer that of the quadratic at the start,
            by more than a tenth of what the loss had changed by then; None if it never was.
        curvatures: The curvature along the path.
        kink: Where the path crossed a kink, if it did.
        place: What kind of place the end is; None where it has no finite numbers.
        reasons: Why the outcome is not the one foretold, as far as the path shows it; empty if
            it is.
        curve: Both curves belong to a trajectory: its losses are over steps, and its
            prediction is from the curve over θ.
    """

    objective: str
    parameters: tuple[tuple[str, tuple[int, ...]], ...]
    optimizer: OptimizerName
    settings: tuple[tuple[str, float], ...]
    solver: str
    regimes: Regimes
    points: tuple[TrajectoryPoint, ...]
    outcome: Outcome
    rises: int
    reversals: int
    agrees: bool
    departs_at: int | None
    curvatures: tuple[PathCurvature, ...]
    kink: Kink | None
    place: FlatPlace | None
    reasons: tuple[Reason, ...]
    curve: str = field(default="loss against steps, foretold from loss against θ", init=False)

    @property
    def losses(self) -> tuple[float, ...]:
        """The loss at each point, the start first."""
        return tuple(point.loss for point in self.points)
