"""Slopes of two different curves, which every record here names.

loss against θ       how the loss changes if the weights are moved, at one moment; what ∇L describes
loss against steps   how the loss went while training; the curve that a progress bar shows
"""

from dataclasses import dataclass, field
from typing import Literal

Curve = Literal["loss against θ", "loss against steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionalSlope:
    """The slope of L at θ in one direction: ∇L(θ)·u.

    Attributes:
        loss: L(θ).
        slope: ∇L·u, loss per unit of length of θ.
        unit: u, the unit vector, one number an entry of θ in the objective's order; empty if θ
            has more entries than are kept.
        gradient_norm: ‖∇L‖: the steepest slope that any direction has here.
        angle_degrees: Between u and ∇L; NaN where ∇L is 0 and has no direction.
        curve: Which curve this is a slope of.
    """

    loss: float
    slope: float
    unit: tuple[float, ...]
    gradient_norm: float
    angle_degrees: float
    curve: Curve = field(default="loss against θ", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceQuotient:
    """What a step of a finite size says of the slope.

    Attributes:
        step: h, in the units of the weight; the distance really moved, after rounding.
        change: L(w + h) − L(w).
        forward: (L(w + h) − L(w)) / h.
        backward: (L(w) − L(w − h)) / h.
        central: (L(w + h) − L(w − h)) / 2h.
        relative_difference: |q − ∂L/∂w| / max(|q|, |∂L/∂w|) of the quotient q of the chosen
            scheme; 0 if both are 0.
    """

    step: float
    change: float
    forward: float
    backward: float
    central: float
    relative_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How the loss answers to a small change of one weight, from calculus and by trying.

    Attributes:
        parameter: Name of the tensor.
        index: Which entry of it; empty for a scalar.
        weight: Its value w.
        loss: L.
        derivative: ∂L/∂w by automatic differentiation.
        scheme: Which quotient is compared with it.
        quotients: Steps tried, the smallest first.
        tolerance: Relative difference above which derivative and quotient have parted.
        best: The quotient nearest to the derivative.
        truncation_step: Smallest step above `best` at which they have parted: the curve bends
            within it. None if no step tried was that large.
        rounding_step: Largest step below `best` at which they have parted: the digits of L no
            longer hold the difference. None if no step tried was that small.
        kink: True if the slopes on both sides stay apart however small the step is: there is no
            derivative here, and `derivative` is a convention of automatic differentiation.
        curve: Which curve this is a slope of.
    """

    parameter: str
    index: tuple[int, ...]
    weight: float
    loss: float
    derivative: float
    scheme: Literal["central", "forward"]
    quotients: tuple[DifferenceQuotient, ...]
    tolerance: float
    best: DifferenceQuotient
    truncation_step: float | None
    rounding_step: float | None
    kink: bool
    curve: Curve = field(default="loss against θ", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedFall:
    """What the gradient promises that one step of gradient descent does to the loss.

    Attributes:
        learning_rate: η.
        gradient_norm: ‖∇L‖.
        first_order: −η‖∇L‖², what the slope alone promises.
        second_order: −η‖∇L‖² + ½η² ∇Lᵀ∇²L∇L, with the curvature along the step; NaN if it was
            not measured.
        curve: Which curve the promise is read from.
    """

    learning_rate: float
    gradient_norm: float
    first_order: float
    second_order: float
    curve: Curve = field(default="loss against θ", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCurveSlope:
    """The slope of the recorded losses over the steps, with its uncertainty.

    Attributes:
        slope: Loss per step; negative while the loss falls.
        low: Lower end of the confidence interval.
        high: Upper end of it.
        confidence: Of the interval, such as 0.95.
        intercept: Loss of the fitted line at `first_step`.
        first_step: First step looked at.
        last_step: Last step looked at.
        points: Losses used.
        nonfinite: Losses left out because they are NaN or infinite.
        noise: Spread of the losses about the line: 1.4826 times the median absolute deviation,
            which is the standard deviation where the noise is normal.
        inflation: How many neighbouring losses count as one because they go together (an
            integrated autocorrelation time, in points); 1 for independent noise.
        bends: True if the first and the second half have slopes whose intervals do not meet: one
            line is then a poor description.
        direction: What the interval allows to say.
        promised: Loss change a step that the gradient promised, if it was given: −η‖∇L‖².
        curve: Which curve this is a slope of.
    """

    slope: float
    low: float
    high: float
    confidence: float
    intercept: float
    first_step: int
    last_step: int
    points: int
    nonfinite: int
    noise: float
    inflation: float
    bends: bool
    direction: Literal["falling", "rising", "level"]
    promised: float | None
    curve: Curve = field(default="loss against steps", init=False)

    @property
    def kept_promise(self) -> float | None:
        """Measured slope as a share of the promised one; None if none was given or it is 0."""
        return self.slope / self.promised if self.promised else None
