"""The slope of L at θ: in a direction, and along one weight by calculus and by trying.

Everything here is about the curve *loss against θ*. The slope of the losses that a run wrote down
one after another is another curve: `loss_curve.py`.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.slope import (
    DifferenceQuotient,
    DirectionalSlope,
    PromisedFall,
    Sensitivity,
)

KEPT_ENTRIES = 64
"""Most entries of θ that a record keeps as numbers: what a reader can still look through."""

PARTED = 0.01
"""Relative difference from which derivative and quotient count as parted: 1 % shows in the second
or third digit, which is as many as a reader compares."""

DECADES = tuple(range(-15, 3))
"""Steps tried are 10^k times the size of the weight (at least 1): from below the spacing of
doubles near 1 (2.2e-16) times ten, to where hardly any curve is straight."""

KINK_GAP = 0.5
"""A gap between the slopes on both sides that keeps at least this share of itself over three
decades of h is a jump: on a curve with a second derivative it shrinks in proportion to h, so to a
thousandth."""

ROUNDING_MARGIN = 16.0
"""A gap counts if it is this many times what rounding can make of it, 2ε|L|/h: a loss is a sum of
several operations, each rounded once."""


def directional_slope(
    objective: Objective, direction: Theta, theta: Theta | None = None
) -> DirectionalSlope:
    """∇L(θ)·u, how fast the loss rises if θ moves along a direction.

    Args:
        objective: L.
        direction: Any length; divided by it, it is the unit vector u of the record.
        theta: Where; θ₀ if not given.

    Units: loss per unit of length of θ.
    Cost: one forward and backward pass.

    Raises:
        ObjectiveError: If the direction is 0 or not finite, or has the wrong names or shapes.
    """
    v = objective.flat(direction)
    length = _norm(v)
    if not (math.isfinite(length) and length > 0):
        found = "one of length 0" if length == 0 else "one with entries that are not finite"
        raise ObjectiveError(
            f"Expected a direction to ask the slope in, found {found}: give a vector that points "
            "somewhere, such as the gradient."
        )
    u = v / length
    loss, gradient = objective.value_and_gradient(objective.flat(theta))
    norm = _norm(gradient)
    slope = float(torch.dot(gradient.double(), u.double()))
    cosine = slope / norm if norm > 0 else math.nan
    return DirectionalSlope(
        loss=loss,
        slope=slope,
        unit=entries(u),
        gradient_norm=norm,
        angle_degrees=(
            math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
            if math.isfinite(cosine)
            else math.nan
        ),
    )


def promised_fall(
    objective: Objective,
    learning_rate: float,
    theta: Theta | None = None,
    *,
    curvature: bool = True,
) -> PromisedFall:
    """What the gradient promises of one step θ − η∇L: −η‖∇L‖², then + ½η² ∇Lᵀ∇²L∇L.

    Args:
        objective: L.
        learning_rate: η.
        theta: Where; θ₀ if not given.
        curvature: Also ask for the second order, one Hessian-vector product more.

    Raises:
        ObjectiveError: If η is not positive.

    Source: Taylor's theorem; Nocedal & Wright, Numerical Optimization (2006), theorem 2.1.
    """
    check_rate(learning_rate)
    at = objective.flat(theta)
    _, gradient = objective.value_and_gradient(at)
    norm = _norm(gradient)
    first = -learning_rate * norm**2
    second = math.nan
    if curvature:
        bent = float(torch.dot(gradient.double(), objective.hvp(at, gradient).double()))
        second = first + 0.5 * learning_rate**2 * bent
    return PromisedFall(
        learning_rate=learning_rate, gradient_norm=norm, first_order=first, second_order=second
    )


def sensitivity(
    objective: Objective,
    parameter: str,
    index: int | Sequence[int] = (),
    theta: Theta | None = None,
    *,
    tolerance: float = PARTED,
    scheme: Literal["central", "forward"] = "central",
    decades: Sequence[float] = DECADES,
) -> Sensitivity:
    """How the loss answers to a small change of one weight: ∂L/∂w beside (L(w + h) − L(w)) / h.

    The step h is swept over powers of ten. Large steps part from the derivative because the curve
    bends (truncation: ½h·L″ for the forward quotient, h²·L‴/6 for the central one), small ones
    because L(w + h) and L(w) agree in all but their last digits (rounding: about ε|L|/h).

    Args:
        objective: L.
        parameter: Name of the tensor.
        index: Which entry; nothing for a scalar.
        theta: Where; θ₀ if not given.
        tolerance: Relative difference from which the two have parted.
        scheme: Which quotient to compare.
        decades: Exponents of the steps, in powers of ten of max(1, |w|).

    Cost: one forward and backward pass, and two values of L a step tried.

    Raises:
        ObjectiveError: If there is no such parameter or entry, or L is not finite there.

    Source: Nocedal & Wright, Numerical Optimization (2006), section 8.1.
    """
    at = objective.flat(theta)
    offset, where = _entry(objective, parameter, index)
    loss, gradient = objective.value_and_gradient(at)
    if not math.isfinite(loss):
        raise ObjectiveError(
            f"Expected a finite loss at the place asked about, found {loss}: there is no slope "
            "there; choose another place."
        )
    weight, derivative = float(at[offset]), float(gradient[offset])
    quotients = [
        quotient
        for exponent in sorted(decades)
        if (
            quotient := _quotient(
                objective,
                at,
                offset,
                10.0**exponent * max(1.0, abs(weight)),
                loss,
                derivative,
                scheme,
            )
        )
        is not None
    ]
    if not quotients:
        raise ObjectiveError(
            f"Expected steps that change {parameter!r} = {weight} in {at.dtype}, found only steps "
            "that rounding takes away: ask for larger ones."
        )
    best = min(
        range(len(quotients)),
        key=lambda i: (quotients[i].relative_difference, abs(math.log10(quotients[i].step) + 5)),
    )
    return Sensitivity(
        parameter=parameter,
        index=where,
        weight=weight,
        loss=loss,
        derivative=derivative,
        scheme=scheme,
        quotients=tuple(quotients),
        tolerance=tolerance,
        best=quotients[best],
        truncation_step=next(
            (q.step for q in quotients[best:] if not q.relative_difference <= tolerance), None
        ),
        rounding_step=next(
            (q.step for q in quotients[best::-1] if not q.relative_difference <= tolerance), None
        ),
        kink=_jumps(quotients, loss, torch.finfo(at.dtype).eps, max(1.0, abs(weight))),
    )


def check_rate(learning_rate: float) -> None:
    """Refuse a learning rate that is no positive number.

    Raises:
        ObjectiveError: If it is not.
    """
    if isinstance(learning_rate, bool) or not isinstance(learning_rate, int | float):
        raise ObjectiveError(
            f"Expected a learning rate η as a number, found {type(learning_rate).__name__}."
        )
    if not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ObjectiveError(
            f"Expected a learning rate η above 0, found {learning_rate}: a step −η∇L goes downhill "
            "only for a positive, finite η; try 0.01."
        )


def entries(vector: Tensor) -> tuple[float, ...]:
    """The numbers of a short vector for a record; nothing of one with more than `KEPT_ENTRIES`."""
    return tuple(vector.tolist()) if vector.numel() <= KEPT_ENTRIES else ()


def _norm(vector: Tensor) -> float:
    return float(torch.linalg.vector_norm(vector, dtype=torch.float64))


def _entry(
    objective: Objective, parameter: str, index: int | Sequence[int]
) -> tuple[int, tuple[int, ...]]:
    """Where an entry is in the flat θ."""
    if parameter not in objective.parameters:
        raise ObjectiveError(
            f"Expected one of the parameters {', '.join(objective.parameters)}, found "
            f"{parameter!r}: ask for a weight that the objective has."
        )
    shape = tuple(objective.parameters[parameter].shape)
    where = (index,) if isinstance(index, int) else tuple(index)
    if len(where) != len(shape) or any(not -n <= i < n for i, n in zip(where, shape, strict=False)):
        raise ObjectiveError(
            f"Expected an index into {parameter!r} of shape {shape}, found {where}: give one "
            "number a dimension, counted from 0."
        )
    where = tuple(i % n for i, n in zip(where, shape, strict=True))
    offset = 0
    for name, tensor in objective.parameters.items():
        if name == parameter:
            break
        offset += tensor.numel()
    inner = 0
    for i, n in zip(where, shape, strict=True):
        inner = inner * n + i
    return offset + inner, where


def _quotient(
    objective: Objective,
    at: Tensor,
    offset: int,
    step: float,
    loss: float,
    derivative: float,
    scheme: str,
) -> DifferenceQuotient | None:
    """The quotients at one step; None where w ± h is w again, or a loss is not finite."""
    above, below = at.clone(), at.clone()
    above[offset] += step
    below[offset] -= step
    # w + h is rounded; dividing by the distance really moved takes that error out again
    up, down = float(above[offset] - at[offset]), float(at[offset] - below[offset])
    if up <= 0 or down <= 0:
        return None
    higher, lower = objective.value(above), objective.value(below)
    if not (math.isfinite(higher) and math.isfinite(lower)):
        return None
    forward, backward = (higher - loss) / up, (loss - lower) / down
    central = (higher - lower) / (up + down)
    return DifferenceQuotient(
        step=up,
        change=higher - loss,
        forward=forward,
        backward=backward,
        central=central,
        relative_difference=_relative(central if scheme == "central" else forward, derivative),
    )


def _relative(quotient: float, derivative: float) -> float:
    largest = max(abs(quotient), abs(derivative))
    return abs(quotient - derivative) / largest if largest > 0 else 0.0


def _jumps(
    quotients: Sequence[DifferenceQuotient], loss: float, epsilon: float, scale: float
) -> bool:
    """Whether the slopes on both sides stay apart over the smallest decades that tell anything."""
    clear = [
        (q.step, abs(q.forward - q.backward))
        for q in quotients
        if abs(q.forward - q.backward)
        > ROUNDING_MARGIN * 2 * epsilon * (abs(loss) + abs(q.change)) / q.step
    ]
    # a jump is seen down to steps near √ε; one seen only from afar is a kink in the neighbourhood
    if len(clear) < 4 or clear[0][0] > 100 * math.sqrt(epsilon) * scale:
        return False
    gaps = [gap for _, gap in clear[:4]]
    return gaps[0] >= KINK_GAP * max(gaps)
