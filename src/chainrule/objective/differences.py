"""Hessian-vector products as differences of gradients, with a step that is checked.

For a displacement of length h along the unit vector u,

    (∇L(θ + h u) − ∇L(θ − h u)) / 2h = H u + h²/6 · ∇L‴[u,u] + O(h⁴) + O(ε ‖∇L‖ / h):

a long step sees the curvature change, a short one drowns in rounding. No fixed step serves two
networks (5e-3 was wrong by 12 % on one and by 20 % on another), so each product is computed with
two steps, h and 2h. Their difference is the error estimate, and h moves until it is small or does
not fall any more. The two are then combined so that the h² term cancels (Richardson's
extrapolation; Press et al., Numerical Recipes, §5.7).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

GOOD = 1e-3
"""Relative difference of the products with h and 2h at which no better step is looked for: a tenth
of the 1 % to which sharpness is asked for; the extrapolated product is better than this still."""

SMALL = 0.1
"""Part of the largest ‖H u‖ so far below which the size of a product does not count: along a flat
direction H u is nearly 0, and a relative error of nearly 0 means nothing."""

MOST_MOVES = 40
"""Halvings or doublings of h for one product: from the first guess, twelve orders of magnitude. A
typical first product takes three, and the next ones none."""


class GradientDifferences:
    """Products H v from gradients alone.

    Args:
        gradient: ∇L as a function of the flat θ.
        theta: θ, flat.
        step: Length of the first displacement to try; if None, ∛ε ‖θ‖, which balances both
            errors of a central difference where the length over which the curvature changes is
            ‖θ‖ (Numerical Recipes, eq. 5.7.8).

    Attributes:
        step: Length h of the displacement that was used last; the next product begins with it.
        error: Largest estimated ‖error of H u‖ of the products so far, for unit vectors u.
        gradients: How many gradients were computed.
    """

    def __init__(
        self, gradient: Callable[[Tensor], Tensor], theta: Tensor, step: float | None = None
    ) -> None:
        self._gradient = gradient
        self._theta = theta
        epsilon = torch.finfo(theta.dtype).eps
        size = float(torch.linalg.vector_norm(theta)) or 1.0
        self.step = step or epsilon ** (1 / 3) * size
        self._shortest = 10 * epsilon * size
        self._largest = 0.0
        self.error = 0.0
        self.gradients = 0

    def product(self, v: Tensor) -> Tensor:
        """H v; a vector of zeros gives zeros."""
        norm = float(torch.linalg.vector_norm(v))
        if norm == 0:
            return torch.zeros_like(v)
        u = v / norm
        short, long = self._difference(u, self.step), self._difference(u, 2 * self.step)
        best = (_apart(short, long), self.step, short, long)
        self._largest = max(self._largest, _size(short))
        for direction in (0.5, 2.0):  # shorter first: the first guess is rather long
            error, h, near, far = best
            for _ in range(MOST_MOVES):
                h *= direction
                if best[0] <= GOOD * max(_size(best[2]), SMALL * self._largest):
                    break
                if h < self._shortest:
                    break
                if direction < 1:
                    near, far = self._difference(u, h), near
                else:
                    near, far = far, self._difference(u, 2 * h)
                new = _apart(near, far)
                if new < best[0]:
                    best = (new, h, near, far)
                if new >= error and math.isfinite(error):  # it fell as far as it goes this way
                    break
                error = new
        error, self.step, short, long = best
        self.error = max(self.error, error)
        # D(h) = Hu + a h² + …, D(2h) = Hu + 4a h² + …  ⇒  (4 D(h) − D(2h)) / 3 = Hu + O(h⁴)
        return (4 * short - long).mul_(norm / 3)

    def _difference(self, u: Tensor, h: float) -> Tensor:
        self.gradients += 2
        ahead = self._gradient(torch.add(self._theta, u, alpha=h))
        behind = self._gradient(torch.add(self._theta, u, alpha=-h))
        return (ahead - behind).div_(2 * h)


def _size(vector: Tensor) -> float:
    size = float(torch.linalg.vector_norm(vector))
    return size if math.isfinite(size) else 0.0


def _apart(short: Tensor, long: Tensor) -> float:
    """Distance of two estimates; infinite if one of them is not finite."""
    distance = float(torch.linalg.vector_norm(short - long))
    return distance if math.isfinite(distance) else math.inf
