"""The Hessian of an objective at one θ, as products H v; it is never formed.

Three ways, the first that works is taken:

double backward          ∇(∇L·v) by autograd; the graph of ∇L is kept, so that a product is one
                         backward pass through it. The fastest on a CPU for every network measured
                         (2.1 to 2.8 forward-and-backward passes a product; forward-over-reverse
                         3.5 to 5.5).
forward over reverse     the derivative of ∇L along v in forward mode (Pearlmutter 1994); keeps no
                         graph. Only if asked for.
finite differences       of gradients, with a checked step; where an operation has no second
                         derivative.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Literal, Self

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from .differences import GradientDifferences
from .errors import ObjectiveError
from .objective import Objective, Theta

Method = Literal["auto", "double-backward", "forward-over-reverse", "finite-differences"]

METHODS = ("auto", "double-backward", "forward-over-reverse", "finite-differences")

DISAGREEMENT = 0.1
"""Relative distance from the finite difference at which a double backward through somebody's own
autograd.Function is not believed: both are far closer than this where the second derivative is
right, and a backward that detaches loses whole terms."""


class Hessian:
    """Products with ∇²L(θ), at one θ.

    Args:
        objective: L.
        theta: θ, by name or flat; θ₀ if None.
        method: `auto` takes double backward, and finite differences where an operation cannot be
            differentiated twice, or where a custom `autograd.Function` gives another product than
            the differences do. Fused attention, cuDNN and oneDNN recurrent networks and compiled
            code are replaced by their plain forms for the time of the computation.

    Attributes:
        value: L(θ).
        gradient: ∇L(θ), flat.
        products: How many products were computed.

    Raises:
        ObjectiveError: If L or ∇L is not finite at θ, or the method is unknown, or a method other
            than `auto` cannot be used.

    The graph of ∇L is held until `release`, or the end of a `with` block: about as much memory as
    three forward passes need.
    """

    def __init__(
        self, objective: Objective, theta: Theta | None = None, *, method: Method = "auto"
    ) -> None:
        if method not in METHODS:
            raise ObjectiveError(
                f"Expected one of {', '.join(METHODS)} as the method for Hessian products, found "
                f"{method!r}."
            )
        self.objective = objective
        self.products = 0
        flat = objective.flat(theta)
        self._theta: Tensor | None = flat.clone() if isinstance(theta, Tensor) else flat
        _check_finite(flat, objective, "θ", "start from finite numbers")
        self._at_start = theta is None
        self._plain = False
        self._reason = ""
        self._differences: GradientDifferences | None = None
        self._leaves: list[Tensor] = []
        self._slope: Tensor | None = None  # ∇L, flat, with its graph
        self._check_first = False
        self._way: Method = "double-backward" if method == "auto" else method
        self._auto = method == "auto"
        self.value: float
        self.gradient: Tensor
        if self._way == "double-backward":
            self._trying(self._differentiate)
        if self._way != "double-backward":
            self.value, self.gradient = objective.value_and_gradient(flat)
            self._check()

    @property
    def method(self) -> str:
        """How products are computed, and why so if not by double backward."""
        words = {
            "double-backward": "double backward",
            "forward-over-reverse": "forward over reverse",
            "finite-differences": "finite differences of gradients",
        }[self._way]
        if self._plain and self._way == "double-backward":
            words += " without fused kernels"
        return f"{words} ({self._reason})" if self._reason else words

    @property
    def error(self) -> float:
        """Estimated largest ‖error of H u‖ for unit vectors u so far; 0 if exact to rounding."""
        return self._differences.error if self._differences else 0.0

    def product(self, v: Tensor, *, out: Tensor | None = None) -> Tensor:
        """H v for a flat v of P entries; flat, in the type of θ or of `out`, if one is given.

        Raises:
            ObjectiveError: If v has another shape or is not floating point.
            RuntimeError: After `release`.
        """
        if self._theta is None:
            raise RuntimeError("This Hessian was released; make a new one for more products.")
        if v.shape != (self.objective.numel,) or not v.is_floating_point():
            raise ObjectiveError(
                f"Expected a flat vector of {self.objective.numel} floating-point entries, found "
                f"shape {tuple(v.shape)} of {v.dtype}."
            )
        self.products += 1
        v = v.detach().to(self.gradient.dtype)
        if self._way == "double-backward":
            result = self._trying(lambda: self._backward(v, out))
            if result is not None:
                return result
        forward = self._way == "forward-over-reverse"
        found = self._forward(v) if forward else self._by_differences(v)
        return found if out is None else out.copy_(found)

    def release(self) -> None:
        """Free the graph of ∇L; no products can be computed after this."""
        self._leaves, self._slope, self._differences = [], None, None
        self._theta = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    # ---- double backward --------------------------------------------------------------------

    def _trying(self, compute: Callable[[], Tensor | None]) -> Tensor | None:
        """Compute by double backward, then without fused kernels; give it up if neither works."""
        try:
            return compute()
        except RuntimeError as error:
            first = error
        if not self._plain and not isinstance(first, torch.OutOfMemoryError):
            self._plain = True
            try:
                self._differentiate()
                return compute()
            except RuntimeError:
                pass
        if not self._auto:
            raise self._refused(_first_sentence(first)) from first
        self._give_up(_first_sentence(first))
        return None

    def _refused(self, reason: str) -> ObjectiveError:
        return ObjectiveError(
            f"Expected {self.objective.description or 'the loss'} to be differentiable twice by "
            f"{self._way}, found: {reason}; use method='auto' or 'finite-differences'."
        )

    def _give_up(self, reason: str) -> None:
        self._leaves, self._slope = [], None
        self._way = "finite-differences"
        self._reason = reason

    def _differentiate(self) -> None:
        """∇L with its graph."""
        with torch.enable_grad(), _twice_differentiable(self._plain):
            point = self.objective.point(self._theta)
            leaves = {name: tensor.detach().requires_grad_() for name, tensor in point.items()}
            value = self.objective.loss(leaves)
            self._leaves = list(leaves.values())
            found: tuple[Tensor | None, ...] = (None,) * len(self._leaves)
            if value.requires_grad:
                found = torch.autograd.grad(
                    value, self._leaves, create_graph=True, allow_unused=True
                )
            self._slope = _joined(found, self._leaves)
        self.value = float(value.detach().item())
        self.gradient = self._slope.detach()
        self._check()
        self._check_first = _has_custom_function(value)

    def _backward(self, v: Tensor, out: Tensor | None) -> Tensor:
        slope = self._slope
        if slope is None or not slope.requires_grad:  # L is linear
            result = torch.zeros_like(v) if out is None else out.zero_()
        else:
            with _twice_differentiable(self._plain), torch.enable_grad():
                # not as grad_outputs: with those, autograd.grad loads torch's symbolic shapes, and
                # so SymPy and the compiler, which takes the first product of a process seconds
                along = torch.dot(slope, v)
                found = torch.autograd.grad(
                    along, self._leaves, retain_graph=True, allow_unused=True
                )
            result = _joined(found, self._leaves, out)
        if self._check_first:
            self._check_first = False
            self._compare(v, result)
        return result

    def _compare(self, v: Tensor, result: Tensor) -> None:
        """Check a product against differences; theirs, from now on, if the two disagree."""
        differences = self._new_differences()
        expected = differences.product(v)
        size = float(torch.linalg.vector_norm(expected))
        distance = float(torch.linalg.vector_norm(expected - result))
        uncertain = differences.error * float(torch.linalg.vector_norm(v))
        if distance <= DISAGREEMENT * size + uncertain:
            return
        reason = "a custom autograd.Function does not differentiate its own backward"
        if not self._auto:
            raise self._refused(reason)
        self._differences = differences
        self._give_up(reason)
        result.copy_(expected)

    # ---- the other ways -----------------------------------------------------------------------

    def _forward(self, v: Tensor) -> Tensor:
        point = self.objective.point(self._theta)

        def loss(*tensors: Tensor) -> Tensor:
            return self.objective.loss(dict(zip(point, tensors, strict=True)))

        gradient = torch.func.grad(loss, argnums=tuple(range(len(point))))
        direction = tuple(self.objective.point(v).values())
        with _twice_differentiable(plain=False):
            try:
                found: tuple[Tensor, ...] = torch.func.jvp(
                    gradient, tuple(point.values()), direction
                )[1]
            except RuntimeError as error:
                raise self._refused(_first_sentence(error)) from error
        return torch.cat([h.reshape(-1) for h in found])

    def _by_differences(self, v: Tensor) -> Tensor:
        if self._differences is None:
            self._differences = self._new_differences()
        return self._differences.product(v)

    def _new_differences(self) -> GradientDifferences:
        def gradient(theta: Tensor) -> Tensor:
            found: Tensor = self.objective.value_and_gradient(theta)[1]
            return found

        return GradientDifferences(gradient, self.objective.flat(self._theta))

    def _check(self) -> None:
        if not math.isfinite(self.value):
            raise ObjectiveError(
                f"Expected a finite loss, found L(θ) = {self.value} ({self.objective.description}):"
                " a Hessian exists only where L does; start from another θ."
            )
        remedy = "L has no slope there; start from another θ"
        _check_finite(self.gradient, self.objective, "∇L(θ)", remedy)
        before = self.objective.start_value if self._at_start else None
        tolerance = torch.finfo(self.gradient.dtype).eps ** 0.5  # other kernels round differently
        if before is not None and abs(before - self.value) > tolerance * abs(before):
            raise ObjectiveError(
                f"Expected the same loss at the same θ, found {before:.6g} and then "
                f"{self.value:.6g} ({self.objective.description}): something in it changes from "
                "call to call, for example a random generator of its own or a counter; hold it "
                "fixed."
            )


def _joined(
    found: tuple[Tensor | None, ...], leaves: list[Tensor], out: Tensor | None = None
) -> Tensor:
    """Derivatives as one vector; a leaf that nothing reached has zeros."""
    return torch.cat(
        [
            (torch.zeros_like(leaf) if g is None else g).reshape(-1)
            for g, leaf in zip(found, leaves, strict=True)
        ],
        out=out,
    )


def _check_finite(flat: Tensor, objective: Objective, what: str, remedy: str) -> None:
    if math.isfinite(float(flat.sum())):  # one pass; a sum can overflow, so look again
        return
    for name, tensor in objective.point(flat).items():
        count = int((~torch.isfinite(tensor)).sum())
        if count:
            raise ObjectiveError(
                f"Expected finite numbers in {what}, found {count} of {tensor.numel()} entries of "
                f"{name!r} NaN or infinite: {remedy}."
            )


@contextmanager
def _twice_differentiable(plain: bool) -> Iterator[None]:
    """Kernels that have a second derivative.

    Fused attention has none; its mathematical form does. `plain` also leaves out oneDNN's and
    cuDNN's recurrent networks and compiled code: oneDNN makes convolutions fast, so this is not
    done before it is needed.
    """
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if plain:
            # not mkldnn.flags, which also sets TF32 and warns where there is none
            stack.callback(setattr, torch.backends.mkldnn, "enabled", torch.backends.mkldnn.enabled)
            torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


def _has_custom_function(value: Tensor) -> bool:
    """Whether an `autograd.Function` written in Python is in the graph of a tensor."""
    seen: set[torch.autograd.graph.Node] = set()
    left = [value.grad_fn]
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        if issubclass(type(node), torch.autograd.function.BackwardCFunction):
            return True
        seen.add(node)
        left.extend(n for n, _ in node.next_functions)
    return False


def _first_sentence(error: Exception) -> str:
    text = str(error).strip().splitlines() or [type(error).__name__]
    return text[0].partition(". ")[0].rstrip(".")[:160]
