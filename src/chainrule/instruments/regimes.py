"""What a learning rate does along one direction of a quadratic, for each optimizer.

Along an eigen-direction with curvature λ the gradient at distance d from the stationary point is
λd, and one step multiplies the optimizer's state (d and its memory) by a 2 × 2 matrix. Its roots
say everything: all inside the unit circle, and d shrinks; positive and real, and d stays on its
side; negative or complex, and it swings. Needs no torch, so a diagnosis can use it too.

Curvature λ stands for the Hessian's eigenvalue, or for adaptive optimizers for that of the
preconditioned Hessian D^(−1/2) ∇²L D^(−1/2), with D = √v̂ + ε as the optimizer has it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.records.descent import Motion, OptimizerName

ADAPTIVE: frozenset[OptimizerName] = frozenset({"rmsprop", "adam", "adamw"})
"""Optimizers that divide by a running root mean square of the gradient."""

LEVEL = 1e-12
"""Multipliers nearer to 1 than this are 1: what is left of 1 − ηλ + … after rounding."""

DOUBLE = 1e-9
"""A pair of roots nearer to each other than this share of their size is a double root: exactly at
a limit, rounding turns it into a pair that is complex by about √ε."""


@dataclass(frozen=True, slots=True)
class Multiplier:
    """What one step makes of the distance along a direction, once its memory has settled.

    Attributes:
        value: The root largest in modulus; that modulus where the roots are complex.
        complex: True for a complex pair.
    """

    value: float
    complex: bool

    @property
    def motion(self) -> Motion:
        """What repeating it does."""
        if abs(self.value) > 1 + LEVEL:
            return "diverging"
        return "oscillating" if self.complex or self.value < -LEVEL else "monotone"


def multiplier(
    optimizer: OptimizerName,
    curvature: float,
    learning_rate: float,
    settings: Mapping[str, float] | None = None,
) -> Multiplier:
    """The multiplier of the distance along a direction.

    With gradient descent it is 1 − ηλ. With a memory (β = `momentum` or `beta1`) the distances of
    three consecutive steps obey d″ = b·d′ − c·d, and the multiplier is the largest root of
    z² − bz + c:

        heavy ball   b = 1 + β − ηλ             c = β
        Nesterov     b = (1 + β)(1 − ηλ)        c = β(1 − ηλ)
        Adam         b = 1 + β − η(1 − β)λ      c = β
        AdamW        b = 1 − ηw + β − η(1 − β)λ c = β(1 − ηw)

    Newton divides by λ first, so its multiplier is 1 − η in every direction. Negative curvature
    attracts it as positive does.

    Args:
        optimizer: Which.
        curvature: λ, of the preconditioned Hessian for an adaptive optimizer.
        learning_rate: η.
        settings: `momentum`, `beta1`, `weight_decay`; what is left out is 0.

    Source: Polyak (1964) for the heavy ball; O'Donoghue & Candès, Found. Comput. Math. 15 (2015)
        715 for Nesterov; Cohen et al., arXiv 2207.14484 for Adam with a frozen preconditioner. The
        tests hold each against PyTorch's optimizer.
    """
    values = settings or {}
    eta = learning_rate
    if optimizer == "newton":
        return Multiplier(1.0 if curvature == 0 else 1.0 - eta, complex=False)
    beta = memory_of(optimizer, values)
    decay = values.get("weight_decay", 0.0) if optimizer == "adamw" else 0.0
    if optimizer == "nesterov":
        return _largest_root((1 + beta) * (1 - eta * curvature), beta * (1 - eta * curvature))
    share = 1 - beta if optimizer in ("adam", "adamw") else 1.0
    kept = 1 - eta * decay
    return _largest_root(kept + beta - eta * share * curvature, beta * kept)


def stable_limit(
    optimizer: OptimizerName, curvature: float, settings: Mapping[str, float] | None = None
) -> float:
    """η from which on a direction of this curvature diverges; infinite for λ ≤ 0.

    The largest root passes −1 there: 2/λ for gradient descent, 2(1 + β)/λ for the heavy ball,
    2(1 + β)/((1 + 2β)λ) for Nesterov, 2(1 + β)/((1 − β)λ) for Adam, 2 for Newton.
    """
    values = settings or {}
    if optimizer == "newton":
        return 2.0
    if curvature <= 0:
        return math.inf
    beta = memory_of(optimizer, values)
    if optimizer == "nesterov":
        return 2 * (1 + beta) / ((1 + 2 * beta) * curvature)
    if optimizer in ("adam", "adamw"):
        decay = values.get("weight_decay", 0.0) if optimizer == "adamw" else 0.0
        return 2 * (1 + beta) / ((1 - beta) * curvature + (1 + beta) * decay)
    return 2 * (1 + beta) / curvature


def monotone_limit(
    optimizer: OptimizerName, curvature: float, settings: Mapping[str, float] | None = None
) -> float:
    """Largest η at which a direction of this curvature never overshoots; infinite for λ ≤ 0.

    The roots cease to be positive and real there: 1/λ for gradient descent, (1 − √β)²/λ for the
    heavy ball, ((1 − β)/(1 + β))²/λ for Nesterov, (1 − √β)²/((1 − β)λ) for Adam, 1 for Newton.
    """
    values = settings or {}
    if optimizer == "newton":
        return 1.0
    if curvature <= 0:
        return math.inf
    beta = memory_of(optimizer, values)
    if optimizer == "nesterov":
        return ((1 - beta) / (1 + beta)) ** 2 / curvature
    if optimizer == "adamw" and (decay := values.get("weight_decay", 0.0)):
        return _decayed_limit(beta, decay, curvature)
    share = 1 - beta if optimizer in ("adam", "adamw") else 1.0
    return (1 - math.sqrt(beta)) ** 2 / (share * curvature)


def _decayed_limit(beta: float, decay: float, curvature: float) -> float:
    """The η at which b = 2√c, where b and c both carry the decay w.

    That is the root of (√(1 − ηw) − r)² = ηκ in (0, 1/w), with r = √β and κ = (1 − β)λ. For
    s = √(1 − ηw) it is a quadratic whose root gives 1 − s = w(1 − r)² / (w(1 − r) + κ + q) with
    q² = κ(w(1 − r²) + κ): written so, nothing cancels or overflows when w is tiny.
    """
    r, k = math.sqrt(beta), (1 - beta) * curvature
    q = math.sqrt(k * (decay * (1 - beta) + k))
    s = (decay * r + q) / (decay + k)
    return (1 - r) ** 2 * (1 + s) / (decay * (1 - r) + k + q)


def memory_of(optimizer: OptimizerName, values: Mapping[str, float]) -> float:
    """β, the share of its movement that an optimizer keeps from step to step."""
    if optimizer in ("momentum", "nesterov", "rmsprop"):
        return values.get("momentum", 0.0)
    return values.get("beta1", 0.0) if optimizer in ("adam", "adamw") else 0.0


def _largest_root(b: float, c: float) -> Multiplier:
    """The root of z² − bz + c that is largest in modulus."""
    discriminant = b * b - 4 * c
    if abs(discriminant) <= DOUBLE * b * b:
        return Multiplier(b / 2, complex=False)
    if discriminant < 0:
        return Multiplier(math.sqrt(c), complex=True)
    half = math.sqrt(discriminant)
    return Multiplier((b + math.copysign(half, b)) / 2, complex=False)
