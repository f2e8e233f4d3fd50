"""The quadratic that touches L at θ: value, slope and curvature, by eigen-direction.

q(d) = L + gᵀd + ½ dᵀHd with g = ∇L(θ) and H = ∇²L(θ). In the basis of H's eigenvectors each
direction is by itself, which is what the regimes of a learning rate and the kinds of flat places
are about.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.objective import Hessian, Objective, ObjectiveError
from chainrule.objective.objective import Theta

from .curvature import DENSE_UP_TO, eigenpairs
from .preconditioner import Preconditioner


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalQuadratic:
    """L near θ, to second order.

    Shapes: P entries of θ, K eigen-directions known; K = P if `complete`.

    Attributes:
        theta: θ, flat (P).
        loss: L(θ).
        gradient: ∇L(θ), flat (P), float64.
        eigenvalues: (K), float64, largest first.
        vectors: (P, K), float64, a unit eigenvector a column.
        bound: No eigenvalue given is farther than this from a true one, and none is smaller than
            the smallest or larger than the largest by more; with the probability 0.99 each where
            not the whole spectrum is known.
        complete: Whether the whole spectrum is known.
    """

    theta: Tensor
    loss: float
    gradient: Tensor
    eigenvalues: Tensor
    vectors: Tensor
    bound: float
    complete: bool

    @property
    def largest(self) -> float:
        """λ_max."""
        return float(self.eigenvalues[0])

    @property
    def smallest(self) -> float:
        """λ_min."""
        return float(self.eigenvalues[-1])

    @property
    def gradient_norm(self) -> float:
        """‖∇L‖."""
        return float(torch.linalg.vector_norm(self.gradient))

    @property
    def slopes(self) -> Tensor:
        """The gradient's component along each direction (K)."""
        return self.vectors.T @ self.gradient


def local_quadratic(
    objective: Objective, theta: Theta | None = None, *, scale: Tensor | None = None
) -> LocalQuadratic:
    """Measure the quadratic that touches L at θ.

    Args:
        objective: L.
        theta: Where; θ₀ if not given.
        scale: Diagonal D of a preconditioner (P). Curvature is then that of D^(−1/2) H D^(−1/2)
            and the gradient D^(−1/2) g: L in the coordinates that the optimizer sees.

    Cost: P Hessian-vector products up to `DENSE_UP_TO` entries, else what Lanczos needs for both
        ends of the spectrum.

    Raises:
        ObjectiveError: If L, its gradient or its curvature is not finite at θ.
    """
    at = objective.flat(theta).clone()
    whole = at.numel() <= DENSE_UP_TO
    found = eigenpairs(
        objective,
        at,
        largest=at.numel() if whole else 1,
        smallest=0 if whole else 1,
        preconditioner=None if scale is None else _frozen(scale.to(at)),
    )
    spectrum = found.spectrum
    ends = (*spectrum.largest, *spectrum.smallest)
    values = torch.tensor([end.value for end in ends], dtype=torch.float64, device="cpu")
    if not bool(torch.isfinite(values).all()):
        raise ObjectiveError(
            "Expected second derivatives to exist where curvature is asked for, found some that "
            "are not finite: choose another place."
        )
    bound = max(end.bound for end in ends)
    if not whole:
        beyond = (
            math.inf if spectrum.ceiling is None else spectrum.ceiling - float(values[0]),
            math.inf if spectrum.floor is None else float(values[-1]) - spectrum.floor,
        )
        bound = max(bound, *beyond)
    gradient = found.gradient.double().cpu()
    if scale is not None:
        gradient = gradient * scale.double().cpu().rsqrt()
    return LocalQuadratic(
        theta=at,
        loss=spectrum.loss,
        gradient=gradient,
        eigenvalues=values,
        vectors=found.vectors.double().cpu().T,
        bound=bound,
        complete=whole,
    )


def dense_hessian(objective: Objective, theta: Tensor) -> Tensor:
    """∇²L(θ) as a matrix (P, P), float64, symmetric: a product a column, both halves averaged."""
    unit = torch.eye(theta.numel(), dtype=theta.dtype, device=theta.device)
    with Hessian(objective, theta) as hessian:
        matrix = torch.stack([hessian.product(column).double() for column in unit], dim=1)
    return (matrix + matrix.T) / 2


def _frozen(scale: Tensor) -> Preconditioner:
    """A diagonal as the preconditioner of no optimizer in particular."""
    return Preconditioner(
        vector=scale,
        shift=torch.zeros_like(scale),
        learning_rate=math.nan,
        limit=math.nan,
        name="a given diagonal",
        formula="",
    )
