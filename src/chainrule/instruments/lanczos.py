"""Lanczos' recursion with full reorthogonalisation, and what its result proves.

From a start v₁, k products with a symmetric H give an orthonormal basis V of the Krylov space
span{v₁, Hv₁, …} and a tridiagonal T with

    H V = V T + β vₖ₊₁ eₖᵀ.                                   (Lanczos 1950)

An eigenpair (θ, s) of T gives the Ritz pair (θ, Vs) of H, with the residual ‖H Vs − θ Vs‖ = β|sₖ|:
some eigenvalue of H lies that close to θ (Parlett, The Symmetric Eigenvalue Problem, §4.5 and
§13.2). Rounding destroys the orthogonality of a plain recursion and with it these bounds, so each
new vector is orthogonalised against all before it.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]

BLOCK = 8
"""Rows by which the basis grows: memory is taken as the recursion needs it."""

COLUMNS = 2**16
"""Entries of a dot product that are summed in the working precision; these partial sums are added
in float64. Measured on 611 k float32 entries: an error of 4e-7 instead of 4e-6, for 0.3 ms."""

REPEAT_BELOW = 0.5
"""If less than this part of a vector is left after orthogonalisation, cancellation has spoilt it,
and it is orthogonalised once more; twice is enough (Parlett, §6.9; Daniel, Gragg, Kaufman and
Stewart 1976 take 0.7 to 0.1)."""

ROUNDINGS = 10.0
"""Size of the error of one orthogonalisation, in roundings of what was subtracted: measured, with
`COLUMNS`, on a million float32 entries."""

BREAKDOWN = 50.0
"""β below this many roundings of ‖T‖ is rounding itself: the Krylov space is invariant."""


@dataclass(frozen=True, slots=True)
class Ritz:
    """The Ritz pairs of one Krylov space, ascending.

    Attributes:
        values: θ, shape (k,).
        residuals: Bounds on ‖H Vs − θ Vs‖, shape (k,).
        coordinates: s, one column a pair, shape (k, k).
    """

    values: Floats
    residuals: Floats
    coordinates: Floats


class Lanczos:
    """A Krylov space that grows by one product at a time.

    Args:
        product: `product(v, out)` writes H v into `out`, for a symmetric H.
        start: v₁, any length but 0; its type is the working precision.
        generator: Where new directions come from when the space is exhausted; on the CPU.
        accuracy: How far from orthogonal the basis may be; 0 for as little as rounding allows.

    Attributes:
        diagonal: α, the diagonal of T.
        off_diagonal: β; the last one belongs to the next vector.
        exhausted: Whether the space became invariant: its Ritz values are eigenvalues.
    """

    def __init__(
        self,
        product: Callable[[Tensor, Tensor], None],
        start: Tensor,
        generator: torch.Generator,
        accuracy: float = 0.0,
    ) -> None:
        self._product = product
        self._generator = generator
        self._accuracy = accuracy
        self._blocks: list[Tensor] = []
        self._count = 0
        self._epsilon = torch.finfo(start.dtype).eps
        self._departure = 0.0  # ‖VᵀHV − T‖², as far as seen
        self.diagonal: list[float] = []
        self.off_diagonal: list[float] = []
        self.exhausted = False
        self._like = start
        torch.div(start, norm(start), out=self._next_row())
        self._count += 1

    @property
    def size(self) -> int:
        """k, the number of products and the order of T."""
        return len(self.diagonal)

    @property
    def scale(self) -> float:
        """A lower bound on ‖H‖: the largest entry of T."""
        entries = [*self.diagonal, *self.off_diagonal[: self.size - 1]]
        return max((abs(entry) for entry in entries), default=0.0)

    def extend(self) -> None:
        """One product more."""
        if self._count == self.size:  # the space was invariant: go on in another one
            self._next_row().copy_(self._fresh())
            self._count += 1
        w = self._next_row()  # written where it will stay
        self._product(self._row(self._count - 1), w)
        c = self._orthogonalise(w)
        beta = norm(w)
        before = math.hypot(beta, float(np.linalg.norm(c)))
        spoilt = ROUNDINGS * self._epsilon * before > self._accuracy * beta
        if beta < REPEAT_BELOW * before and spoilt:
            c += self._orthogonalise(w)
            beta = norm(w)
        self.diagonal.append(float(c[-1]))
        self._note_departure(c)
        rounding = BREAKDOWN * self._epsilon * max(self.scale, before)
        full = self._count == w.numel()
        self.exhausted = beta <= rounding or full
        self.off_diagonal.append(0.0 if self.exhausted else beta)
        if not self.exhausted:
            w.div_(beta)
            self._count += 1

    def ritz(self, error: float = 0.0) -> Ritz:
        """The Ritz pairs of what there is so far.

        Args:
            error: Largest ‖error of H u‖ of the products, beyond rounding, for unit vectors u.
        """
        values, s = np.linalg.eigh(_tridiagonal(self.diagonal, self.off_diagonal))
        residuals = self.off_diagonal[-1] * np.abs(s[-1]) + self.inexactness(error)
        return Ritz(values, residuals, s)

    def inexactness(self, error: float = 0.0) -> float:
        """What else but β sₖ vₖ₊₁ there can be in H Vs − θ Vs.

        What of VᵀHV is not in T, which was seen; the products' errors E, ‖E s‖ ≤ √k max ‖e‖;
        rounding of the vectors; and of θ, an eigenvalue of T computed in float64: |δθ| ≤ k ε ‖T‖,
        ‖T‖ ≤ 3 max |tᵢⱼ| (Anderson et al., LAPACK Users' Guide, 1999, section 4.7, with k in the
        place of its modest p(k)).
        """
        root = math.sqrt(self.size)
        rounding = self._epsilon * root * self.scale
        solving = 3 * self.size * sys.float_info.epsilon * self.scale
        return math.sqrt(self._departure) + rounding + solving + error * root

    def vector(self, coordinates: Floats) -> Tensor:
        """V s, of length 1."""
        v = torch.zeros_like(self._like)
        s = torch.tensor(coordinates, device="cpu").to(v)
        for i, block in enumerate(self._blocks):
            part = s[i * BLOCK : (i + 1) * BLOCK]
            v.addmv_(block[: len(part)].T, part)
        return v / norm(v)

    def _row(self, index: int) -> Tensor:
        return self._blocks[index // BLOCK][index % BLOCK]

    def _next_row(self) -> Tensor:
        if self._count == len(self._blocks) * BLOCK:
            self._blocks.append(self._like.new_empty(BLOCK, self._like.numel()))
        return self._row(self._count)

    def _orthogonalise(self, w: Tensor) -> Floats:
        """Take V Vᵀw from w in place; returns Vᵀw."""
        parts = []
        for i, block in enumerate(self._blocks):
            rows = block[: max(0, self._count - i * BLOCK)]
            if len(rows):
                parts.append(_dots(rows, w))
        c = torch.cat(parts)
        subtracted = c.to(w)
        for i, block in enumerate(self._blocks):
            rows = block[: max(0, self._count - i * BLOCK)]
            if len(rows):
                w.addmv_(rows.T, subtracted[i * BLOCK : i * BLOCK + len(rows)], alpha=-1)
        found: Floats = c.cpu().numpy()
        return found

    def _note_departure(self, c: Floats) -> None:
        """How far VᵀHvₖ is from the column of T: asymmetry and inexactness of the products."""
        column = c[:-1].copy()
        if self.size > 1:
            column[-1] -= self.off_diagonal[self.size - 2]
        self._departure += float(column @ column)

    def _fresh(self) -> Tensor:
        """A random direction orthogonal to the space."""
        w = gaussian(self._like, self._generator)
        for _ in range(2):
            self._orthogonalise(w)
            w /= norm(w)
        return w


def gaussian(like: Tensor, generator: torch.Generator) -> Tensor:
    """Independent normal entries, the same on every device."""
    drawn = torch.randn(like.numel(), generator=generator, dtype=like.dtype, device="cpu")
    return drawn.to(like.device)


def norm(v: Tensor) -> float:
    """‖v‖, its partial sums added in float64."""
    return math.sqrt(float(_dots(v[None], v)[0]))


def _dots(rows: Tensor, w: Tensor) -> Tensor:
    """Dot products of w with each row, in float64."""
    if w.numel() <= COLUMNS or w.dtype == torch.float64:
        return (rows @ w).double()
    total = torch.zeros(len(rows), dtype=torch.float64, device=w.device)
    for begin in range(0, w.numel(), COLUMNS):
        total += rows[:, begin : begin + COLUMNS] @ w[begin : begin + COLUMNS]
    return total


def beyond(
    diagonal: list[float], off_diagonal: list[float], dimension: int, share: float, missed: float
) -> float:
    """An upper limit of λ_max that a random start exceeds only with probability `missed`.

    Let γ be the component of v₁ along the eigenvector x of λ_max. The recursion's vectors have the
    components γ pⱼ(λ_max) along x, with pⱼ the orthonormal polynomials of T, and x is no longer
    than 1, so γ² Σⱼ pⱼ(λ_max)² ≤ 1 (Bessel). A random γ is rarely smaller than some δ, and the sum
    grows without limit above the largest Ritz value: λ_max cannot lie beyond the point where it
    reaches 1/δ². This is the bound of van Dorsselaer, Hochstenbach and van der Vorst, Computing
    probabilistic bounds for extreme eigenvalues of symmetric matrices with the Lanczos method,
    SIAM J. Matrix Anal. Appl. 22 (2000), with the sum in the place of its last term.

    Args:
        diagonal: α.
        off_diagonal: β, as many.
        dimension: P.
        share: Length of the random part of the start v₁; the rest may be anything.
        missed: Probability that the limit does not hold.
    """
    # the density of γ = g₁/‖g‖ is largest at 0, so P(|γ| < δ) ≤ 2 δ density(0)
    n = dimension
    log_density = math.lgamma(n / 2) - math.lgamma((n - 1) / 2) - 0.5 * math.log(math.pi)
    delta = share * missed / (2 * math.exp(log_density))
    target = delta**-2
    low = float(np.linalg.eigvalsh(_tridiagonal(diagonal, off_diagonal))[-1])
    width = max(abs(low), max(map(abs, off_diagonal)), np.finfo(float).tiny)
    high = low + width
    while _christoffel(high, diagonal, off_diagonal) < target:
        high = low + 2 * (high - low)
    for _ in range(60):
        middle = (low + high) / 2
        if _christoffel(middle, diagonal, off_diagonal) < target:
            low = middle
        else:
            high = middle
    return high


def _tridiagonal(diagonal: list[float], off_diagonal: list[float]) -> Floats:
    T: Floats = np.diag(np.array(diagonal))
    beside = np.array(off_diagonal[: len(diagonal) - 1])
    return T + np.diag(beside, 1) + np.diag(beside, -1)


def _christoffel(at: float, diagonal: list[float], off_diagonal: list[float]) -> float:
    """Σⱼ pⱼ(at)² for j = 0 … k; infinite where it overflows."""
    before, now, total, beta_before = 0.0, 1.0, 1.0, 0.0
    for alpha, beta in zip(diagonal, off_diagonal, strict=True):
        if beta == 0:
            return math.inf
        # βⱼ₊₁ pⱼ₊₁ = (λ − αⱼ₊₁) pⱼ − βⱼ pⱼ₋₁
        before, now = now, ((at - alpha) * now - beta_before * before) / beta
        beta_before = beta
        total += now * now
        if total > 1e300:
            return math.inf
    return total
