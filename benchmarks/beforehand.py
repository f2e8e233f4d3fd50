"""How many products with H are known to suffice for λ_max before the first of them is made.

Kuczyński and Woźniakowski, Estimating the largest eigenvalue by the power and Lanczos algorithms
with a random start, SIAM J. Matrix Anal. Appl. 13 (1992) 1094, answer this for every H ⪰ 0 and a
start b uniform on the unit sphere. The bounds here are proved anew, so that no constant of theirs
is taken on trust: theirs have the forms 0.824 √P (1 − ε)^(k − 1/2) and 1.648 √P exp(−√ε (2k − 1)),
of which the proof gives √(2/π) = 0.798 and 1.596 for the constants, and a little more.

The proof. Let λ_max = 1, and γ the component of b along its eigenvector. After k products a method
gives the Rayleigh quotient of p(H) b for some polynomial p of degree k − 1. It fails, being below
1 − ε, only if Σᵢ bᵢ² (λᵢ − 1 + ε) p(λᵢ)² < 0, hence only if

    γ² ε p(1)² < (1 − γ²) C,    where C is the largest (1 − ε − x) p(x)² of 0 ≤ x ≤ 1 − ε,

hence only if γ² < t / (1 + t) with t = C / (ε p(1)²). Power iteration has p(x) = xᵏ⁻¹. Lanczos
takes the best p, so it fails no oftener than with the one that makes t smallest: Chebyshev's
polynomial of the fourth kind in u = 2x / (1 − ε) − 1, whose √(1 − u) p equioscillates; it has
t = 1 / sinh²((2k − 1) artanh √ε).

The density of γ is largest at 0 (for P ≥ 3) and at most √((P − 1) / 2π) there, by Gautschi's
inequality for Γ(P/2) / Γ((P − 1)/2), so P(γ² < δ²) ≤ √(2 (P − 1) / π) δ.
"""

import math
from collections.abc import Callable

Failure = Callable[[int, int, float], float]
"""Of k products, P parameters and ε."""


def power_failure(products: int, parameters: int, error: float) -> float:
    """A bound on the chance that power iteration is off by more than `error` · λ_max.

    It is reached, up to the curvature of the density of γ, when all other eigenvalues are
    (1 − ε)(2k − 2)/(2k − 1): the worst that H can do to k products.
    """
    n = 2 * products - 1
    largest = ((n - 1) / n) ** (n - 1) / n  # of (1 − y) yⁿ⁻¹ for 0 ≤ y ≤ 1
    t = largest * (1 - error) ** n / error
    return _below(math.sqrt(t / (1 + t)), parameters)


def lanczos_failure(products: int, parameters: int, error: float) -> float:
    """The same of Lanczos; no spectrum is known that reaches it."""
    exponent = (2 * products - 1) * math.atanh(math.sqrt(error))
    # √(t / (1 + t)) = 1 / cosh; an exponent beyond 700 would overflow
    return _below(1 / math.cosh(min(exponent, 700.0)), parameters)


def products_needed(failure: Failure, parameters: int, error: float, missed: float) -> int:
    """The fewest products after which `failure` is at most `missed`.

    Args:
        failure: One of the bounds above; it falls with the number of products.
        parameters: P, at least 3.
        error: ε, the relative error allowed, between 0 and 1.
        missed: The chance of failure allowed.
    """
    low, high = 0, 1
    while failure(high, parameters, error) > missed:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if failure(middle, parameters, error) > missed:
            low = middle
        else:
            high = middle
    return high


def _below(component: float, parameters: int) -> float:
    """A bound on P(|γ| < component)."""
    return min(1.0, math.sqrt(2 * (parameters - 1) / math.pi) * component)
