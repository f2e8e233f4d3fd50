"""One differentiable scalar L: θ → ℝ, whatever it comes from; every instrument questions this.

θ is a mapping from names to tensors, or one flat vector with the same numbers in the order of
`parameters`. An answer has the form of the question: a gradient at a flat θ is flat.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import torch
from torch import Tensor

from chainrule.records.shown import ShownInNotebook

from .errors import ObjectiveError

if TYPE_CHECKING:
    from torch import nn

Point = Mapping[str, Tensor]
"""θ by name."""

Theta = Point | Tensor
"""θ by name, or as one flat vector."""

Source = Literal["formula", "callable", "module", "step"]

Evaluate = Callable[[], Tensor]
"""L at one point whose numbers may change from call to call."""

T = TypeVar("T")


class Objective(ShownInNotebook):
    """A loss L(θ) with its value, gradient and Hessian-vector products.

    Args:
        loss: L as a function of the named tensors; it returns a tensor with one element and is
            the same for the same θ (random numbers must be drawn alike at each call).
        parameters: θ₀, the point at which the objective was made. Copied.
        source: Where L comes from.
        description: What L is, in a few words, for titles.
        repeated: What `at` does, if the source knows a cheaper way than calling `loss` each time.
        replicate: What `replica` does, if the source can make the same loss once more.

    Attributes:
        parameters: θ₀ by name; detached.
        source: Where L comes from.
        description: What L is.
        evaluations: How often L itself has been computed so far; batched points count one each.
        start_value: L(θ₀), if it was computed when the objective was made.

    Raises:
        ObjectiveError: If a parameter is not a real floating-point tensor or there is none.
    """

    def __init__(
        self,
        loss: Callable[[Point], Tensor],
        parameters: Point,
        *,
        source: Source,
        description: str = "",
        repeated: Callable[[Point, Callable[[Evaluate], Any]], Any] | None = None,
        replicate: "Callable[[], Objective | None] | None" = None,
    ) -> None:
        if not parameters:
            raise ObjectiveError(
                "An objective needs at least one parameter, and none was given: name the tensors "
                "that L depends on."
            )
        for name, tensor in parameters.items():
            if not isinstance(tensor, Tensor):
                raise ObjectiveError(
                    f"Expected floating-point tensors as parameters, found "
                    f"{type(tensor).__name__} for {name!r}: make it a tensor, for example with "
                    "torch.tensor(1.0)."
                )
            if not tensor.is_floating_point():
                raise ObjectiveError(
                    f"Expected floating-point tensors as parameters, found {tensor.dtype} for "
                    f"{name!r}: derivatives need real numbers; convert it, for example with "
                    ".float()."
                )
        if not any(tensor.numel() for tensor in parameters.values()):
            raise ObjectiveError(
                f"Expected parameters with entries, found {', '.join(list(parameters)[:6])} of no "
                "entries at all: there is nothing that L could be a function of."
            )
        self._loss = loss
        self._repeated = repeated
        self._replicate = replicate
        self.parameters: dict[str, Tensor] = {
            name: tensor.detach().clone() for name, tensor in parameters.items()
        }
        self.source: Source = source
        self.description = description
        self.evaluations = 0
        self.start_value: float | None = None

    # ---- sources --------------------------------------------------------------------------

    @classmethod
    def from_formula(
        cls,
        text: str,
        theta: Mapping[str, object] | None = None,
        *,
        constants: Mapping[str, object] | None = None,
    ) -> "Objective":
        """L from a typed formula such as `"(x**2 + y - 11)**2 + (x + y**2 - 7)**2"`.

        Args:
            text: The formula; names that are no constants are its variables.
            theta: Where to start: a number, nested list or tensor a variable; variables left out
                are scalars that start at 0.
            constants: Numbers, vectors and matrices that are data.

        Raises:
            FormulaError: If the text is no formula; the message points at the column.
            ObjectiveError: If it is not scalar, or a name given is not in it.
        """
        from .formula import from_formula

        return from_formula(text, theta, constants)

    @classmethod
    def from_callable(
        cls, function: Callable[..., Tensor], theta: "Theta | Sequence[Tensor]"
    ) -> "Objective":
        """L from a Python function of tensors.

        Args:
            function: Called with a tensor if `theta` is one, with a dict if it is a mapping, with
                positional tensors if it is a sequence. Random numbers that it draws from the
                global streams are the same at every call.
            theta: Where to start.

        Raises:
            ObjectiveError: If it does not return a scalar that depends on θ.
        """
        from .function import from_callable

        return from_callable(function, theta)

    @classmethod
    def from_module(
        cls,
        model: "nn.Module",
        loss: Callable[..., Tensor],
        batch: Any,
    ) -> "Objective":
        """L of a PyTorch module's parameters on one batch.

        Args:
            model: Left as it is: its weights, buffers, mode and random streams do not change.
            loss: `loss(output, target)`.
            batch: `(inputs, target)`, as a DataLoader gives it. Inputs that are a tuple are given
                to the model as positional, a mapping as keyword arguments. If the batch itself
                is a mapping, the model gets it as keyword arguments, and `loss` the whole of it.

        Raises:
            ObjectiveError: If no parameter requires a gradient or the loss is no scalar.
        """
        from .module import from_module

        return from_module(model, loss, batch)

    # ---- questions ------------------------------------------------------------------------

    def value(self, theta: Theta | None = None) -> float:
        """L(θ), at θ₀ if none is given. NaN and infinities are values like any other."""
        with torch.no_grad():
            return float(self._evaluate(self.point(theta)).item())

    def gradient(self, theta: Theta | None = None) -> Any:
        """∇L(θ), in the form of `theta`."""
        return self.value_and_gradient(theta)[1]

    def value_and_gradient(self, theta: Theta | None = None) -> tuple[float, Any]:
        """L(θ) and ∇L(θ), the gradient in the form of `theta`.

        A parameter that L does not depend on has a gradient of zeros.
        """
        point = self.point(theta)
        with torch.enable_grad():
            leaves = {name: t.detach().requires_grad_() for name, t in point.items()}
            value = self._evaluate(leaves)
            gradients = self._derivatives(value, leaves)
        result = {name: g.detach() for name, g in zip(leaves, gradients, strict=True)}
        return float(value.detach().item()), self._like(theta, result)

    def hvp(self, theta: Theta | None, v: Theta) -> Any:
        """∇²L(θ) v, in the form of `v`, by double backward: ∇(∇L·v).

        For many products at one θ take `Hessian(objective, theta)`, which computes ∇L once and
        knows other ways where L has no second derivative.
        """
        from .hessian import Hessian

        if isinstance(v, Tensor):
            self._check_flat(v, "v")
        product = Hessian(self, theta).product(self.flat(v))
        return product if isinstance(v, Tensor) else self.point(product)

    def batched_values(
        self,
        thetas: Tensor | Iterable[Theta],
        *,
        chunk: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Tensor:
        """L at many points.

        Args:
            thetas: Flat points, shape (N, P), or points one after the other, which may be made
                as they are asked for.
            chunk: Points evaluated at once; chosen by measurement and memory if not given.
            progress: Called with (done, N) between chunks; what it raises ends the evaluation.

        Returns:
            The N values, float64, on the CPU.
        """
        from .batched import batched_values

        return batched_values(self, thetas, chunk=chunk, progress=progress)

    def loss(self, point: Point) -> Tensor:
        """L as a differentiable tensor with one element; for instruments that need the graph."""
        return self._evaluate(point)

    def at(self, point: Point, body: Callable[[Evaluate], T]) -> T:
        """Run `body(evaluate)`, where `evaluate()` is L at `point`, as often as it is called.

        For loops: what one evaluation sets up and takes down again (a module's parameters, random
        streams) is done once. The body may write other numbers into the point's tensors between
        two calls.

        Args:
            point: θ by name, as `point` gives it.
            body: Its result is returned. Gradients are not to be taken in it.
        """
        if self._repeated is None:
            return body(lambda: self._evaluate(point))

        def counted(evaluate: Evaluate) -> T:
            def one() -> Tensor:
                value = evaluate()
                if type(value) is not Tensor or value.ndim:
                    return self._scalar(value)
                self.evaluations += 1  # by the shortest way: a slice has thousands of these
                return value

            return body(one)

        result: T = self._repeated(point, counted)
        return result

    def replica(self) -> "Objective | None":
        """The same L, which another thread may evaluate while this one is evaluated.

        Returns:
            An objective that draws no random numbers of its own and shares with this one only what
            neither of them changes; None if the source can make none.
        """
        return self._replicate() if self._replicate is not None else None

    # ---- θ as names and as a vector ---------------------------------------------------------

    @property
    def numel(self) -> int:
        """P, the number of entries of θ."""
        return sum(t.numel() for t in self.parameters.values())

    def flat(self, theta: Theta | None = None) -> Tensor:
        """θ as one vector of P entries, in the order of `parameters`."""
        if isinstance(theta, Tensor):
            self._check_flat(theta)
            return theta.detach()
        point = self.point(theta)
        return torch.cat([point[name].detach().reshape(-1) for name in self.parameters])

    def point(self, theta: Theta | None = None) -> dict[str, Tensor]:
        """θ by name, checked against the names and shapes of `parameters`.

        Raises:
            ObjectiveError: Names that are missing or unknown, wrong shapes, integer tensors.
        """
        if theta is None:
            return dict(self.parameters)
        if isinstance(theta, Tensor):
            self._check_flat(theta)
            parts, start = {}, 0
            for name, own in self.parameters.items():
                part = theta[start : start + own.numel()].view(own.shape)
                parts[name] = part.to(own.dtype)
                start += own.numel()
            return parts
        if not isinstance(theta, Mapping):
            raise ObjectiveError(
                "Expected θ as a mapping from names to tensors, or as one flat tensor, found "
                f"{type(theta).__name__}: write {{{next(iter(self.parameters))!r}: tensor, ...}}."
            )
        unknown = [name for name in theta if name not in self.parameters]
        missing = [name for name in self.parameters if name not in theta]
        if unknown or missing:
            wrong = (
                f"{unknown[0]!r} is not one of them" if unknown else f"{missing[0]!r} is missing"
            )
            raise ObjectiveError(
                f"Expected the parameters {self._names()}, but {wrong}: give each of them once."
            )
        return {name: self._checked(name, theta[name]) for name in self.parameters}

    def _checked(self, name: str, value: object) -> Tensor:
        own = self.parameters[name]
        if not isinstance(value, Tensor):
            raise ObjectiveError(
                f"Expected a tensor for the parameter {name!r}, found {type(value).__name__}."
            )
        if not value.is_floating_point():
            raise ObjectiveError(
                f"Expected floating-point numbers for the parameter {name!r}, found {value.dtype}: "
                "convert it, for example with .float()."
            )
        if value.shape != own.shape:
            raise ObjectiveError(
                f"Expected the shape {tuple(own.shape)} for the parameter {name!r}, found "
                f"{tuple(value.shape)}: give one number for each of its entries."
            )
        return value

    def _check_flat(self, vector: Tensor, what: str = "θ") -> None:
        if vector.shape != (self.numel,) or not vector.is_floating_point():
            remedy = (
                "give one number for each entry, in this order"
                if vector.is_floating_point()
                else "convert it, for example with .float()"
            )
            raise ObjectiveError(
                f"Expected a flat {what} of {self.numel} floating-point entries "
                f"({self._names()}), found shape {tuple(vector.shape)} of {vector.dtype}: {remedy}."
            )

    def _names(self) -> str:
        names = list(self.parameters)
        shown = ", ".join(names[:6])
        return shown if len(names) <= 6 else f"{shown}, … ({len(names)} in all)"

    def _like(self, theta: Theta | None, result: dict[str, Tensor]) -> Any:
        if isinstance(theta, Tensor):
            return torch.cat([result[name].reshape(-1) for name in self.parameters])
        return result

    def _evaluate(self, point: Point) -> Tensor:
        return self._scalar(self._loss(point))

    def _scalar(self, value: object) -> Tensor:
        self.evaluations += 1
        if not isinstance(value, Tensor) or value.numel() != 1:
            found = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)
            raise ObjectiveError(
                f"Expected the loss to be one number, found {found}: take its mean or sum."
            )
        return value.reshape(()) if value.ndim else value

    def _derivatives(self, value: Tensor, leaves: Mapping[str, Tensor]) -> list[Tensor]:
        if not value.requires_grad:
            return [torch.zeros_like(t) for t in leaves.values()]
        found: Sequence[Tensor | None] = torch.autograd.grad(
            value, tuple(leaves.values()), allow_unused=True
        )
        return [
            torch.zeros_like(t) if g is None else g
            for g, t in zip(found, leaves.values(), strict=True)
        ]
