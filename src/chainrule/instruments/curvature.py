"""How sharply a loss bends: the ends of the Hessian's spectrum, with bounds on their errors."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from chainrule.objective import Hessian, Objective, ObjectiveError
from chainrule.objective.hessian import Method
from chainrule.objective.objective import Theta
from chainrule.records.curvature import Eigenvalue, Spectrum

from .lanczos import Floats, Lanczos, Ritz, beyond, gaussian, norm
from .preconditioner import Preconditioner

DENSE_UP_TO = 48
"""Parameters up to which the Hessian is computed whole, one product a column: then nothing can be
missed. Measured on small MLPs, both ends: 39 parameters 25 ms whole and 28 ms by Lanczos, 75
parameters 64 and 50 ms."""

FLOOR = 0.1
"""Part of ‖H‖ below which an eigenvalue's tolerance shrinks no further: the digits of a number near
0 would cost hundreds of products, and whether it is negative is seen without them."""

CONFIDENCE = 0.99
"""Probability with which `ceiling` and `floor` hold each."""

ORTHOGONALITY = 0.01
"""Part of the tolerance that the basis may be from orthogonal: what it then is goes into the
bounds, and a second pass over the basis is saved in most steps."""

RANDOM_SHARE = 0.3
"""Length of the random part of the start, beside the gradient's or the caller's unit vector. The
gradient lies largely along the sharpest directions (Gur-Ari, Roberts and Dyer, arXiv 1812.04754):
measured on trained networks, beginning with it saves one product of five, and 10 of 35 for both
ends. The random part makes sure that no eigenvector is orthogonal to the start, and is what the
probability of `ceiling` and `floor` is over; between 0.01 and 0.3 it cost no further product."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Eigenpairs:
    """Eigenvalues with their eigenvectors.

    Attributes:
        spectrum: The eigenvalues and what is known of their errors.
        vectors: Unit vectors, shape (pairs, P): first those of `spectrum.largest`, then those of
            `spectrum.smallest`. With a preconditioner they are eigenvectors of P^(-1/2) H P^(-1/2);
            `Preconditioner.inverse_root` times one is a direction in θ.
        gradient: ∇L(θ), shape (P,).
    """

    spectrum: Spectrum
    vectors: Tensor
    gradient: Tensor


def eigenpairs(
    objective: Objective,
    theta: Theta | None = None,
    *,
    largest: int = 1,
    smallest: int = 1,
    rtol: float = 0.01,
    max_products: int = 100,
    method: Method = "auto",
    preconditioner: Preconditioner | None = None,
    start: Tensor | None = None,
    seed: int = 0,
    thorough: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Eigenpairs:
    """The largest and smallest eigenvalues of the Hessian at θ, from one Krylov space.

    Lanczos with full reorthogonalisation. It stops as soon as every eigenvalue asked for has an
    error bound of at most rtol · max(|λ̂|, ‖H‖/10). Up to 48 parameters the Hessian is computed
    whole instead. With a preconditioner P the matrix is P^(-1/2) H P^(-1/2), whose eigenvalues are
    those of P⁻¹H, with the optimizer's weight decay in it.

    Args:
        objective: L.
        theta: θ, by name or flat; θ₀ if None.
        largest: How many of the largest eigenvalues.
        smallest: How many of the smallest.
        rtol: Relative error at which to stop.
        max_products: Most Hessian-vector products; if they do not suffice, the result says so in
            `converged`, and its bounds hold all the same.
        method: How products are computed; see `Hessian`.
        preconditioner: Of an optimizer, from `preconditioner`.
        start: A flat vector to begin with, such as an eigenvector from some steps before; the
            gradient if None. A random part is added to it.
        seed: Of the random part; no global random stream is used.
        thorough: Go on until `ceiling` and `floor` too are that close to the eigenvalues: so that
            with 99 % probability nothing larger or smaller was missed. Measured on trained
            networks, this doubles the products.
        progress: Called with (products so far, max_products); what it raises ends the computation.

    Returns:
        Eigenvalues, their bounds and their vectors.

    Raises:
        ObjectiveError: If the arguments make no sense, or L or ∇L is not finite at θ.

    Shapes: θ is one vector of P entries.
    Units: loss per squared parameter; of θ's squared length times that, with a preconditioner.
    Cost: k products, of 2 to 3 forward-and-backward passes each, and memory for k vectors.
    Error: `Spectrum` says what holds and what does not. A numerical outcome never raises.
    Source: Lanczos (1950); bounds: Parlett, The Symmetric Eigenvalue Problem, ch. 4 and 13.
    """
    request = _Request(largest, smallest, rtol, max_products, start, seed, thorough, progress)
    _check(objective, request, preconditioner)
    with Hessian(objective, theta, method=method) as hessian:
        found = _find(_Matrix(hessian, preconditioner), request)
        spectrum = _spectrum(found, request, hessian, preconditioner)
        vectors = [found.vector(found.ritz.coordinates[:, i]) for i in found.ends(request)]
        return Eigenpairs(
            spectrum=spectrum, vectors=torch.stack(vectors), gradient=hessian.gradient
        )


def sharpness(
    objective: Objective,
    theta: Theta | None = None,
    *,
    rtol: float = 0.01,
    max_products: int = 100,
    method: Method = "auto",
    preconditioner: Preconditioner | None = None,
    start: Tensor | None = None,
    seed: int = 0,
    thorough: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Spectrum:
    """λ_max of the Hessian, or the preconditioned sharpness; arguments as for `eigenpairs`.

    Example:
        >>> sharpness(Objective.from_formula("3*x**2 + y**2")).sharpness
        6.0
    """
    request = _Request(1, 0, rtol, max_products, start, seed, thorough, progress)
    _check(objective, request, preconditioner)
    with Hessian(objective, theta, method=method) as hessian:
        found = _find(_Matrix(hessian, preconditioner), request)
        return _spectrum(found, request, hessian, preconditioner)


@dataclass(frozen=True, slots=True)
class _Request:
    largest: int
    smallest: int
    rtol: float
    max_products: int
    start: Tensor | None
    seed: int
    thorough: bool
    progress: Callable[[int, int], None] | None

    def tolerances(self, values: Floats) -> Floats:
        """How large each bound may be."""
        magnitudes = np.abs(values)
        allowed: Floats = self.rtol * np.maximum(magnitudes, FLOOR * magnitudes.max())
        return allowed

    def told(self, products: int) -> None:
        if self.progress is not None:
            self.progress(products, self.max_products)


class _Matrix:
    """v ↦ Dᴴ(H(Dv)) + S∘v with D = P^(-1/2) and S the weight decay; H itself without P."""

    def __init__(self, hessian: Hessian, preconditioner: Preconditioner | None) -> None:
        self.hessian = hessian
        gradient = hessian.gradient
        exact = gradient.dtype == torch.float64
        self.like = gradient if exact else gradient.float()
        self._root = self._shift = None
        self._stretch = 1.0
        if preconditioner is not None:
            self._root = preconditioner.inverse_root.to(self.like)
            self._shift = preconditioner.shift.to(self.like)
            self._stretch = float(self._root.max()) ** 2

    @property
    def error(self) -> float:
        """What inexact products can add to a residual."""
        return self.hessian.error * self._stretch

    def gradient(self) -> Tensor:
        """∇L in the matrix's coordinates."""
        g = self.hessian.gradient.to(self.like)
        return g if self._root is None else self._root * g

    def __call__(self, v: Tensor, out: Tensor) -> None:
        if self._root is None or self._shift is None:
            self.hessian.product(v, out=out)
        else:
            self.hessian.product(self._root * v, out=out)
            out.mul_(self._root).addcmul_(self._shift, v)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Approximate eigenpairs, ascending, from the whole matrix or from a Krylov space."""

    name: str
    ritz: Ritz
    vector: Callable[[Floats], Tensor]
    ceiling: float | None
    floor: float | None
    complete: bool

    def ends(self, request: _Request) -> list[int]:
        """Indices of the pairs asked for: the largest ones first, then the smallest."""
        count = len(self.ritz.values)
        return [*range(count)][::-1][: request.largest] + [*range(count)][: request.smallest]


def _find(matrix: _Matrix, request: _Request) -> _Found:
    if matrix.like.numel() <= min(DENSE_UP_TO, request.max_products):
        return _dense(matrix, request)
    return _krylov(matrix, request)


def _spectrum(
    found: _Found, request: _Request, hessian: Hessian, preconditioner: Preconditioner | None
) -> Spectrum:
    values, bounds = found.ritz.values, found.ritz.residuals
    allowed = request.tolerances(values)
    pairs = [
        Eigenvalue(
            value=float(values[i]), bound=float(bounds[i]), converged=bool(bounds[i] <= allowed[i])
        )
        for i in found.ends(request)
    ]
    top = min(request.largest, len(values))
    return Spectrum(
        largest=tuple(pairs[:top]),
        smallest=tuple(pairs[top:]),
        ceiling=found.ceiling,
        floor=found.floor,
        confidence=1.0 if found.complete else CONFIDENCE,
        complete=found.complete,
        converged=len(pairs) == request.largest + request.smallest
        and all(pair.converged for pair in pairs),
        rtol=request.rtol,
        dimension=hessian.objective.numel,
        products=hessian.products,
        method=f"{found.name}, {hessian.method}",
        loss=hessian.value,
        gradient_norm=norm(hessian.gradient),
        preconditioner=preconditioner.name if preconditioner else "",
        limit=preconditioner.limit if preconditioner else None,
    )


def _dense(matrix: _Matrix, request: _Request) -> _Found:
    """All eigenvalues of the matrix itself."""
    n = matrix.like.numel()
    identity = torch.eye(n, dtype=matrix.like.dtype, device=matrix.like.device)
    columns = torch.empty_like(identity)
    for i, (unit, column) in enumerate(zip(identity, columns, strict=True), 1):
        matrix(unit, column)
        request.told(i)
    H = columns.double().cpu().numpy()
    if not np.isfinite(H).all():
        raise _not_finite(matrix.hessian.objective.description)
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    # Weyl: an eigenvalue moves by no more than the norm of what was changed
    changed = float(np.linalg.norm(H - H.T)) / 2 + matrix.error * math.sqrt(n)
    rounding = torch.finfo(matrix.like.dtype).eps * n * float(np.abs(values).max())
    bounds = np.full(n, changed + rounding)
    return _Found(
        name="the whole matrix",
        ritz=Ritz(values, bounds, vectors),
        vector=lambda s: torch.tensor(s, device="cpu").to(matrix.like),
        ceiling=float(values[-1] + bounds[-1]),
        floor=float(values[0] - bounds[0]),
        complete=True,
    )


def _not_finite(description: str) -> ObjectiveError:
    """What to say when L and ∇L are finite and ∇²L is not."""
    return ObjectiveError(
        f"Expected second derivatives to exist where curvature is asked for, found NaN or infinite "
        f"ones ({description}): choose another θ."
    )


def _krylov(matrix: _Matrix, request: _Request) -> _Found:
    """Both ends from one Krylov space."""
    generator = torch.Generator("cpu").manual_seed(request.seed)
    first, share = _start(matrix, request.start, generator)
    lanczos = Lanczos(matrix, first, generator, ORTHOGONALITY * request.rtol)
    dimension = matrix.like.numel()
    while True:
        lanczos.extend()
        if not math.isfinite(lanczos.diagonal[-1] + lanczos.off_diagonal[-1]):
            raise _not_finite(matrix.hessian.objective.description)
        request.told(lanczos.size)
        ritz = lanczos.ritz(matrix.error)
        last = lanczos.size >= min(dimension, request.max_products)
        if last or _suffices(lanczos, ritz, request, dimension, share, matrix.error):
            break
    top, bottom = _beyond(lanczos, dimension, share, matrix.error)
    return _Found(
        name=f"Lanczos in {lanczos.size} step{'s' if lanczos.size > 1 else ''}",
        ritz=ritz,
        vector=lanczos.vector,
        ceiling=top,
        floor=bottom,
        complete=lanczos.size == dimension,
    )


def _suffices(
    lanczos: Lanczos, ritz: Ritz, request: _Request, dimension: int, share: float, error: float
) -> bool:
    """Whether everything asked for is known to within the tolerance."""
    if lanczos.exhausted:
        # every distinct eigenvalue is there; further copies need another start
        return request.largest <= 1 and request.smallest <= 1
    if lanczos.size <= request.largest + request.smallest:
        return False
    asked = [*range(-request.largest, 0), *range(request.smallest)]
    allowed = request.tolerances(ritz.values)
    if (ritz.residuals[asked] > allowed[asked]).any():
        return False
    if not request.thorough:
        return True
    top, bottom = _beyond(lanczos, dimension, share, error)
    above = request.largest == 0 or (top or math.inf) - ritz.values[-1] <= allowed[-1]
    below = request.smallest == 0 or ritz.values[0] - (bottom or -math.inf) <= allowed[0]
    return bool(above and below)


def _start(
    matrix: _Matrix, given: Tensor | None, generator: torch.Generator
) -> tuple[Tensor, float]:
    """A vector to begin with, and the length of its random part when it has length 1."""
    random = gaussian(matrix.like, generator)
    known = matrix.gradient() if given is None else given.to(random)
    length = norm(known)
    if length == 0:  # at a stationary point
        return random, 1.0
    first = (known / length).add_(random, alpha=RANDOM_SHARE / norm(random))
    return first, RANDOM_SHARE / norm(first)


def _beyond(
    lanczos: Lanczos, dimension: int, share: float, error: float
) -> tuple[float | None, float | None]:
    """Where λ_max and λ_min can be at most, with the probability `CONFIDENCE` each."""
    if 0.0 in lanczos.off_diagonal[:-1]:  # begun anew: the polynomials say nothing of that part
        return None, None
    arguments = (lanczos.off_diagonal, dimension, share, 1 - CONFIDENCE)
    top = beyond(lanczos.diagonal, *arguments)
    bottom = -beyond([-alpha for alpha in lanczos.diagonal], *arguments)
    inexact = lanczos.inexactness(error)  # T is that of a matrix so far from H (Weyl)
    return top + inexact, bottom - inexact


def _check(objective: Objective, request: _Request, preconditioner: Preconditioner | None) -> None:
    dimension, start, rtol = objective.numel, request.start, request.rtol
    few, many = sorted((request.largest, request.smallest))
    if few < 0 or not 0 < many <= dimension:
        raise ObjectiveError(
            "Expected how many eigenvalues, at least one and of each end at most the number of "
            f"parameters ({dimension}), found largest={request.largest} and "
            f"smallest={request.smallest}."
        )
    if not (math.isfinite(rtol) and rtol > 0):
        raise ObjectiveError(f"Expected a positive tolerance rtol, such as 0.01, found {rtol}.")
    if request.max_products < 1:
        raise ObjectiveError(f"Expected max_products of at least 1, found {request.max_products}.")
    if preconditioner is not None and preconditioner.vector.shape != (dimension,):
        raise ObjectiveError(
            f"Expected a preconditioner of the objective's {dimension} parameters, found one of "
            f"{preconditioner.vector.numel()}: make it from the same parameters in the same order."
        )
    if start is not None and (
        start.shape != (dimension,)
        or not start.is_floating_point()
        or not bool(torch.isfinite(start).all())
        or not bool(start.any())
    ):
        raise ObjectiveError(
            f"Expected a start vector of {dimension} finite floating-point numbers, not all 0, "
            f"found shape {tuple(start.shape)} of {start.dtype}; leave it out to begin with the "
            "gradient."
        )
