"""What was measured of a Hessian's spectrum at one θ."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Eigenvalue:
    """An approximate eigenvalue and how far from it a true one can be.

    Attributes:
        value: λ̂ = vᵀHv for the unit vector v that was found (loss per squared parameter).
        bound: Some eigenvalue of H lies within this distance of λ̂: ‖Hv − λ̂v‖, with what rounding
            and inexact products can add.
        converged: Whether the bound met the tolerance that was asked for.
    """

    value: float
    bound: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Both ends of the spectrum of H = ∇²L(θ), or of P^(-1/2) H P^(-1/2) with a preconditioner.

    What holds. λ_max is at least `largest[0].value`, since no quotient vᵀHv is larger, and λ_min at
    most `smallest[0].value` (up to rounding). Within each `bound` lies an eigenvalue.

    What does not. That it is the largest is nowhere certain unless `complete`: an eigenvector to
    which the random start was orthogonal is never seen. `ceiling` and `floor` say how much can have
    been missed: they hold with the probability `confidence` each, over the start. Of an eigenvalue
    that occurs several times one copy is found.

    Attributes:
        largest: The largest eigenvalues, the largest first.
        smallest: The smallest (most negative), the smallest first.
        ceiling: With probability `confidence` no eigenvalue is larger; None if not known.
        floor: With probability `confidence` no eigenvalue is smaller; None if not known.
        confidence: Probability with which `ceiling` and `floor` hold.
        complete: Whether H was computed whole, so that nothing can have been missed.
        converged: Whether all eigenvalues asked for are within tolerance.
        rtol: The tolerance: each bound is at most rtol · max(|λ̂|, ‖H‖/10).
        dimension: P, the number of parameters.
        products: Hessian-vector products that were computed.
        method: How the products and the eigenvalues were computed.
        loss: L(θ).
        gradient_norm: ‖∇L(θ)‖.
        preconditioner: Whose preconditioner P is; empty if none.
        limit: The optimizer's stability limit for λ_max, if a preconditioner was given.
    """

    largest: tuple[Eigenvalue, ...]
    smallest: tuple[Eigenvalue, ...]
    ceiling: float | None
    floor: float | None
    confidence: float
    complete: bool
    converged: bool
    rtol: float
    dimension: int
    products: int
    method: str
    loss: float
    gradient_norm: float
    preconditioner: str = ""
    limit: float | None = None

    @property
    def sharpness(self) -> float:
        """λ_max as it was found; NaN if it was not asked for."""
        return self.largest[0].value if self.largest else float("nan")
