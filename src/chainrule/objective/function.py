"""L(θ) from a Python function of tensors."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from .errors import ObjectiveError
from .objective import Evaluate, Objective, Point, Theta
from .random_streams import RandomStreams

T = TypeVar("T")


def from_callable(function: Callable[..., Tensor], theta: Theta | Sequence[Tensor]) -> Objective:
    """The objective of a function; see `Objective.from_callable`.

    Random numbers that the function draws from PyTorch's, Python's or NumPy's streams are the same
    at every call, and the streams are left where they were.

    Args:
        function: Returns a tensor with one element.
        theta: A tensor (its parameter is called `theta`), a mapping from names to tensors, or a
            sequence of tensors (called `theta[0]`, `theta[1]`, ...).

    Raises:
        ObjectiveError: If θ holds anything but floating-point tensors, or what the function
            returns is not one number that depends on θ.
    """
    if isinstance(theta, Tensor):
        parameters: dict[str, Tensor] = {"theta": theta}
    elif isinstance(theta, Mapping):
        parameters = dict(theta)
    elif isinstance(theta, list | tuple):
        parameters = {f"theta[{i}]": tensor for i, tensor in enumerate(theta)}
    else:
        raise ObjectiveError(
            f"Expected θ as a tensor, a mapping from names to tensors or a sequence of tensors, "
            f"found {type(theta).__name__}."
        )

    def call(point: Point) -> Tensor:
        if isinstance(theta, Tensor):
            return function(point["theta"])
        if isinstance(theta, Mapping):
            return function(dict(point))
        return function(*point.values())

    name = getattr(function, "__name__", type(function).__name__)
    devices = [device for t in parameters.values() if (device := getattr(t, "device", None))]
    loss = _FunctionLoss(call, devices)
    objective = Objective(
        loss, parameters, source="callable", description=f"the function {name}", repeated=loss.at
    )
    check_depends(objective, "function")
    return objective


class _FunctionLoss:
    """The function with its random streams held."""

    def __init__(self, call: Callable[[Point], Tensor], devices: list[torch.device]) -> None:
        self._call = call
        self._streams = RandomStreams(devices)

    def __call__(self, point: Point) -> Tensor:
        return self._streams.hold(lambda: self._call(point))

    def at(self, point: Point, body: Callable[[Evaluate], T]) -> T:
        """See `Objective.at`."""

        def evaluate() -> Tensor:
            self._streams.rewind()
            return self._call(point)

        with self._streams.untouched():
            return body(evaluate)


def check_depends(objective: Objective, what: str) -> None:
    """Evaluate once at θ₀, keep the value, and refuse a loss that no derivative can be taken of.

    Args:
        objective: Just made.
        what: What the user gave, for the message: `function` or `loss`.

    Raises:
        ObjectiveError: If the value is not one number, or does not depend on θ.
    """
    with torch.enable_grad():
        leaves = {n: t.detach().requires_grad_() for n, t in objective.parameters.items()}
        value = objective.loss(leaves)
    if not value.requires_grad:
        raise ObjectiveError(
            f"The {what} returned a number that does not depend on θ as far as autograd can see: "
            "use its arguments, and no .item(), .detach(), .data, NumPy or torch.no_grad() on the "
            "way to the result."
        )
    objective.start_value = float(value.detach().item())
