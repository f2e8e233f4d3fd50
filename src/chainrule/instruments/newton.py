"""Newton's step: where the slope of the local quadratic is 0, as seen from here.

Solves H s = ∇L for the shortest s that solves it best. Negative curvature is met as positive is,
so the step leads to a saddle or a maximum as gladly as to a minimum.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from chainrule.objective import Hessian, Objective

from .curvature import DENSE_UP_TO
from .quadratic import dense_hessian

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_PRODUCTS = 200
"""Hessian-vector products a step at most where H is not computed whole: what they have not resolved
are directions of hardly any curvature, in which a whole step would lead out of all validity."""

TOLERANCE = 1e-8
"""Relative residual at which products end: half of the digits of doubles."""


@dataclass(frozen=True, slots=True, eq=False)
class NewtonStep:
    """A solution of H s = ∇L.

    Attributes:
        towards: s, flat (P); θ − s is the stationary point of the quadratic. NaN where H has
            entries that are not finite.
        residual: ‖Hs − ∇L‖ / ‖∇L‖ that is left; 0 if ∇L is 0.
    """

    towards: Tensor
    residual: float


def solver_name(entries: int) -> str:
    """How a step of so many entries is solved for."""
    if entries <= DENSE_UP_TO:
        return "least squares on the whole Hessian"
    return f"MINRES, with at most {MOST_PRODUCTS} Hessian-vector products a step"


def newton_step(
    objective: Objective,
    theta: Tensor,
    gradient: Tensor,
    *,
    tolerance: float = TOLERANCE,
    most_products: int = MOST_PRODUCTS,
) -> NewtonStep:
    """Solve for the step.

    Args:
        objective: L.
        theta: Where, flat.
        gradient: ∇L(θ), flat.
        tolerance: Relative residual at which to stop; for more than `DENSE_UP_TO` entries.
        most_products: Products to stop at, likewise. The shorter step found by then is one that
            MINRES would have lengthened, so its length is a lower bound.

    Source: Paige & Saunders, SIAM J. Numer. Anal. 12 (1975) 617: MINRES, which may meet negative
        curvature, where conjugate gradients may not. Its iterates grow in length (Fong & Saunders,
        SQU J. Sci. 17 (2012) 44).
    """
    if theta.numel() <= DENSE_UP_TO:
        return _by_least_squares(objective, theta, gradient.double())
    return _by_products(objective, theta, gradient, tolerance, most_products)


def _by_least_squares(objective: Objective, theta: Tensor, gradient: Tensor) -> NewtonStep:
    matrix = dense_hessian(objective, theta)
    if not bool(torch.isfinite(matrix).all()):
        return NewtonStep(torch.full_like(gradient, torch.nan), float("nan"))
    # gelsd leaves out directions whose curvature is rounding
    solved = torch.linalg.lstsq(matrix.cpu(), gradient.cpu()[:, None], driver="gelsd")
    towards: Tensor = solved.solution[:, 0].to(gradient.device)
    return NewtonStep(towards, _left(matrix @ towards - gradient, gradient))


def _by_products(
    objective: Objective, theta: Tensor, gradient: Tensor, tolerance: float, most: int
) -> NewtonStep:
    import numpy as np
    from scipy.sparse.linalg import LinearOperator, minres

    with Hessian(objective, theta) as hessian:

        def product(v: "NDArray[np.float64]") -> "NDArray[np.float64]":
            found = hessian.product(torch.from_numpy(v.reshape(-1).copy()).to(gradient))
            return np.asarray(found.double().cpu())

        size = gradient.numel()
        matrix = LinearOperator((size, size), matvec=product, dtype=np.float64)
        wanted = gradient.double().cpu().numpy()
        found, _ = minres(matrix, wanted, rtol=tolerance, maxiter=most)
        towards = torch.from_numpy(found).to(gradient.device)
        rest = torch.from_numpy(product(found) - wanted)
    return NewtonStep(towards, _left(rest, gradient))


def _left(rest: Tensor, gradient: Tensor) -> float:
    size = float(torch.linalg.vector_norm(gradient.double()))
    return float(torch.linalg.vector_norm(rest.double())) / size if size > 0 else 0.0
