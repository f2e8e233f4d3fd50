"""Directions in the space of θ: given, along the gradient, random, of the largest curvature.

A direction is only as telling as its scale. Random directions therefore take their scale from the
weights, filter by filter (Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets",
arXiv 1712.09913, section 4): otherwise a network with large weights looks flatter than the same
function written with small ones.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.landscape import Axis, AxisKind

Normalization = Literal["filter", "layer", "none"]
"""`filter`: each filter as long as the weight's own; `layer`: each tensor; `none`: ‖d‖ = 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Direction:
    """A direction d, flat, with what it is.

    Attributes:
        vector: d, shape (P,); its length is the unit of the axis.
        kind: Where it comes from.
        label: What it is, for an axis.
        detail: How it was made.
        held: Parameters that do not move along it.
        eigenvalue: λ, for an eigenvector.
        explained: Share of a trajectory's variance.
        entry: Index into θ of the one variable that moves, for the kind `variable`.
    """

    vector: Tensor
    kind: AxisKind
    label: str
    detail: str = ""
    held: tuple[str, ...] = ()
    eigenvalue: float | None = None
    explained: float | None = None
    entry: int | None = None

    @property
    def length(self) -> float:
        """‖d‖, summed in float64."""
        return float(torch.linalg.vector_norm(self.vector, dtype=torch.float64))

    def axis(self, coordinates: Sequence[float]) -> Axis:
        """The axis along this direction with a grid on it."""
        return Axis(
            label=self.label,
            kind=self.kind,
            length=self.length,
            coordinates=tuple(coordinates),
            detail=self.detail,
            held=self.held,
            eigenvalue=self.eigenvalue,
            explained=self.explained,
        )


def given(objective: Objective, vector: Theta, label: str = "the direction given") -> Direction:
    """A direction of the caller's.

    Raises:
        ObjectiveError: If its names or shapes are not those of θ, or it is zero or not finite.
    """
    return _checked(Direction(vector=objective.flat(vector), kind="given", label=label))


def steepest_descent(objective: Objective, theta: Theta | None = None) -> Direction:
    """−∇L(θ): a coordinate along it is the learning rate of one step of gradient descent.

    Raises:
        ObjectiveError: If the gradient is zero or not finite.
    """
    gradient = objective.gradient(objective.flat(theta))
    return _checked(Direction(vector=-gradient, kind="gradient", label="−∇L"))


def update(objective: Objective, before: Theta, after: Theta) -> Direction:
    """The update that an optimizer made, θ_after − θ_before: coordinate 1 is the step as made."""
    vector = objective.flat(after) - objective.flat(before)
    return _checked(Direction(vector=vector, kind="update", label="the actual update Δθ"))


def between(objective: Objective, start: Theta, end: Theta) -> Direction:
    """From one point to another: coordinate 0 is the first, 1 the second."""
    vector = objective.flat(end) - objective.flat(start)
    return _checked(Direction(vector=vector, kind="between", label="from one point to the other"))


def variable(objective: Objective, name: str) -> Direction:
    """The axis of one number in θ, such as `x`, `w[2]` or `layer.weight[0, 3]`.

    Raises:
        ObjectiveError: If θ has no such number.
    """
    entry = _entry(objective, name)
    vector = torch.zeros_like(objective.flat())
    vector[entry] = 1
    return Direction(vector=vector, kind="variable", label=name, entry=entry)


def variables(objective: Objective) -> tuple[str, ...]:
    """Names of all numbers in θ, in the order of the flat θ; for objectives with few of them."""
    names = []
    for name, tensor in objective.parameters.items():
        if tensor.ndim == 0:
            names.append(name)
            continue
        for index in torch.cartesian_prod(
            *(torch.arange(n, device="cpu") for n in tensor.shape)
        ).tolist():
            indices = index if isinstance(index, list) else [index]
            names.append(f"{name}[{', '.join(map(str, indices))}]")
    return tuple(names)


def random_directions(
    objective: Objective,
    theta: Theta | None = None,
    *,
    count: int = 2,
    seed: int = 0,
    normalization: Normalization = "filter",
) -> tuple[Direction, ...]:
    """Gaussian directions that take their scale from the weights.

    With `filter`, as in Li et al. 2018: dᵢⱼ ← dᵢⱼ / ‖dᵢⱼ‖ · ‖wᵢⱼ‖ for each filter j of each
    tensor i. A filter is what makes one output: a row of a linear layer, an output channel of a
    convolution, one token's vector of an embedding, always the first dimension. Tensors with
    fewer than two dimensions (biases, the scales and shifts of normalisation layers) do not move,
    as in the paper's code; `Direction.held` names them. Two such directions are not made
    orthogonal; in many dimensions they nearly are, and `Slice.cosine` says how nearly.

    Args:
        objective: L.
        theta: Whose weights give the scale; θ₀ if None.
        count: How many.
        seed: Of the random numbers; the same seed gives the same directions.
        normalization: `filter`, `layer` (each whole tensor as long as the weight's) or `none`
            (a random direction of length 1 through all parameters).

    Raises:
        ObjectiveError: If nothing would move: no tensor has two dimensions and a weight that is
            not 0.
    """
    point = objective.point(theta)
    generator = torch.Generator("cpu").manual_seed(seed)
    return tuple(
        _random(objective, point, generator, normalization, number)
        for number in range(1, count + 1)
    )


def eigenvector_directions(
    objective: Objective,
    theta: Theta | None = None,
    *,
    count: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Direction, ...]:
    """Unit eigenvectors of the largest eigenvalues of the Hessian ∇²L(θ), the sharpest first.

    Args:
        objective: L.
        theta: Where; θ₀ if None.
        count: How many.
        progress: Called with (Hessian-vector products, the most there can be).

    Raises:
        ObjectiveError: If θ has fewer entries than directions are asked for, or the Hessian fewer
            eigenvalues that differ.

    Cost: a Lanczos iteration; see `instruments/curvature.py`.
    """
    from .curvature import eigenpairs

    if objective.numel < count:
        raise ObjectiveError(
            f"Expected at least {count} numbers in θ for {count} eigenvectors, found "
            f"{objective.numel}: scan a line instead."
        )
    pairs = eigenpairs(objective, theta, largest=count, smallest=0, progress=progress)
    found = pairs.spectrum.largest
    if len(found) < count:
        raise ObjectiveError(
            f"Expected {count} eigenvectors of the Hessian, found {len(found)}: its other "
            "eigenvalues are all 0 or copies of these; take random directions with them."
        )
    return tuple(
        Direction(
            vector=vector.to(objective.flat()),
            kind="eigenvector",
            label=f"eigenvector {number} of ∇²L",
            detail=f"λ = {value.value:.4g} ± {value.bound:.2g}",
            eigenvalue=value.value,
        )
        for number, value, vector in zip(range(1, count + 1), found, pairs.vectors, strict=False)
    )


def _random(
    objective: Objective,
    point: dict[str, Tensor],
    generator: torch.Generator,
    normalization: Normalization,
    number: int,
) -> Direction:
    parts: list[Tensor] = []
    held: list[str] = []
    for name, weight in point.items():
        # drawn on the CPU in float32, so that the same seed is the same direction everywhere
        noise = torch.randn(weight.shape, generator=generator, dtype=torch.float32, device="cpu")
        if normalization != "none":
            noise = _scaled(noise, weight.detach().float().cpu(), normalization)
        if not noise.any():
            held.append(name)
        parts.append(noise.reshape(-1))
    vector = torch.cat(parts)
    if normalization == "none":
        vector = vector / torch.linalg.vector_norm(vector)
    if not vector.any():
        raise ObjectiveError(
            "Expected weights with filters (tensors of two dimensions or more that are not 0) to "
            f"take a random direction's scale from, found {len(held)} tensors without: ask for "
            'normalization="none" or for other directions.'
        )
    return Direction(
        vector=vector.to(objective.flat()),
        kind="random",
        label=f"random direction {number}",
        detail=_normalization_detail(normalization, len(held), len(point)),
        held=tuple(held),
    )


def _scaled(noise: Tensor, weight: Tensor, normalization: Normalization) -> Tensor:
    """Noise with the norm of each filter (or of the whole tensor) of the weight."""
    if weight.ndim < 2:
        return torch.zeros_like(noise)
    rows = weight.shape[0] if normalization == "filter" else 1
    noise_rows, weight_rows = noise.reshape(rows, -1), weight.reshape(rows, -1)
    scale = torch.linalg.vector_norm(weight_rows, dim=1, keepdim=True)
    own = torch.linalg.vector_norm(noise_rows, dim=1, keepdim=True)
    scaled: Tensor = noise_rows / own * scale
    return scaled.reshape(weight.shape)


def _normalization_detail(normalization: Normalization, held: int, tensors: int) -> str:
    if normalization == "none":
        return "a Gaussian direction through all parameters, of length 1"
    return (
        f"{normalization}-normalised: each {normalization} has the norm of the weight's own; "
        f"{held} of {tensors} tensors (biases, normalisation layers, zeros) do not move"
    )


def _entry(objective: Objective, name: str) -> int:
    start = 0
    for own, tensor in objective.parameters.items():
        if name == own and tensor.numel() == 1:
            return start
        match = re.fullmatch(rf"{re.escape(own)}\[([\d,\s]+)\]", name)
        if match is not None:
            indices = [int(part) for part in match[1].split(",") if part.strip()]
            if len(indices) == tensor.ndim and all(
                i < n for i, n in zip(indices, tensor.shape, strict=True)
            ):
                offset = 0
                for i, n in zip(indices, tensor.shape, strict=True):
                    offset = offset * n + i
                return start + offset
        start += tensor.numel()
    shapes = [f"{n} {tuple(t.shape)}" if t.ndim else n for n, t in objective.parameters.items()]
    shown = ", ".join(shapes[:6]) + (", …" if len(shapes) > 6 else "")
    raise ObjectiveError(
        f"Expected the name of one number in θ, found {name!r}; θ has {shown}: write an entry of a "
        "vector or matrix as w[0] or w[0, 1]."
    )


def _checked(direction: Direction) -> Direction:
    length = direction.length
    if not math.isfinite(length):
        raise ObjectiveError(
            f"Expected a direction of finite numbers, found NaN or infinities in {direction.label}."
        )
    if length == 0:
        raise ObjectiveError(
            f"Expected a direction to go, found {direction.label} to be 0 everywhere: there is no "
            "line along it."
        )
    return direction
