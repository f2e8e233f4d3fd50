"""The optimizers that a descent can use: PyTorch's own, and Newton's method."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.records.descent import OptimizerName

from .newton import newton_step, solver_name

SETTINGS: Final[Mapping[OptimizerName, Mapping[str, float]]] = {
    "gradient-descent": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9},
    "rmsprop": {"alpha": 0.99, "epsilon": 1e-8, "momentum": 0.0},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
    "newton": {},
}
"""What each can be told beside η, with PyTorch's defaults; a momentum of 0.9 is what texts use."""

ALIASES: Final[Mapping[str, OptimizerName]] = {
    "gd": "gradient-descent",
    "sgd": "gradient-descent",
    "heavy-ball": "momentum",
}
"""Other names that people use; on a whole objective SGD is gradient descent."""


class Stepper(Protocol):
    """Something that moves θ by one step at a time."""

    def theta(self) -> Tensor:
        """θ now, flat; a copy."""

    def step(self, gradient: Tensor) -> None:
        """Make one step, given ∇L(θ), flat."""


def optimizer_name(text: str) -> OptimizerName:
    """The optimizer that a name means.

    Raises:
        ObjectiveError: If there is none of that name.
    """
    name = text.strip().lower().replace("_", "-")
    for known in SETTINGS:
        if name == known:
            return known
    if name in ALIASES:
        return ALIASES[name]
    raise ObjectiveError(
        f"Expected an optimizer, found {text!r}: choose one of {', '.join(SETTINGS)}."
    )


def settings_of(
    optimizer: OptimizerName, given: Mapping[str, float] | None = None
) -> dict[str, float]:
    """All settings of an optimizer, those not given by default.

    Raises:
        ObjectiveError: If it has no such setting, or the number is out of its range.
    """
    settings = dict(SETTINGS[optimizer])
    for name, value in (given or {}).items():
        if name not in settings:
            has = ", ".join(settings) or "no settings but the learning rate"
            raise ObjectiveError(f"Expected a setting of {optimizer} ({has}), found {name!r}.")
        below = 1.0 if name in ("momentum", "alpha", "beta1", "beta2") else float("inf")
        if not 0 <= value < below:
            upper = " and below 1" if below == 1 else ""
            raise ObjectiveError(f"Expected {name} of at least 0{upper}, found {value}.")
        settings[name] = float(value)
    return settings


def solver_of(optimizer: OptimizerName, entries: int) -> str:
    """How Newton steps are solved for; empty for other optimizers."""
    return solver_name(entries) if optimizer == "newton" else ""


def stepper(
    objective: Objective,
    theta: Tensor,
    optimizer: OptimizerName,
    learning_rate: float,
    settings: Mapping[str, float],
) -> Stepper:
    """The optimizer, set at a start.

    Args:
        objective: L, of which Newton's method asks the curvature.
        theta: The start, flat.
        optimizer: Which.
        learning_rate: η.
        settings: All of its settings, from `settings_of`.
    """
    if optimizer == "newton":
        return _Newton(objective, theta, learning_rate)
    make = _MAKERS[optimizer]
    return _Torch(objective, theta, lambda leaves: make(leaves, learning_rate, settings))


class _Torch:
    """An optimizer of PyTorch on copies of the parameters."""

    def __init__(
        self,
        objective: Objective,
        theta: Tensor,
        make: Callable[[list[Tensor]], torch.optim.Optimizer],
    ) -> None:
        self._objective = objective
        self._leaves = {
            name: part.clone().requires_grad_() for name, part in objective.point(theta).items()
        }
        self._optimizer = make(list(self._leaves.values()))

    def theta(self) -> Tensor:
        return self._objective.flat(self._leaves)

    def step(self, gradient: Tensor) -> None:
        for name, part in self._objective.point(gradient).items():
            self._leaves[name].grad = part.clone()
        self._optimizer.step()


class _Newton:
    """θ ← θ − η H⁺∇L. Where H is singular, the shortest step that solves best is taken."""

    def __init__(self, objective: Objective, theta: Tensor, learning_rate: float) -> None:
        self._objective = objective
        self._theta = theta.clone()
        self._learning_rate = learning_rate

    def theta(self) -> Tensor:
        return self._theta.clone()

    def step(self, gradient: Tensor) -> None:
        towards = newton_step(self._objective, self._theta, gradient).towards
        self._theta = self._theta - self._learning_rate * towards.to(self._theta)


def _descent(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    return torch.optim.SGD(leaves, lr=rate)


def _momentum(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    return torch.optim.SGD(leaves, lr=rate, momentum=s["momentum"])


def _nesterov(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    beta = s["momentum"]
    return torch.optim.SGD(leaves, lr=rate, momentum=beta, nesterov=beta > 0)


def _rmsprop(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(
        leaves, lr=rate, alpha=s["alpha"], eps=s["epsilon"], momentum=s["momentum"]
    )


def _adam(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    return torch.optim.Adam(leaves, lr=rate, betas=(s["beta1"], s["beta2"]), eps=s["epsilon"])


def _adamw(leaves: list[Tensor], rate: float, s: Mapping[str, float]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        leaves,
        lr=rate,
        betas=(s["beta1"], s["beta2"]),
        eps=s["epsilon"],
        weight_decay=s["weight_decay"],
    )


_MAKERS: Mapping[
    OptimizerName, Callable[[list[Tensor], float, Mapping[str, float]], torch.optim.Optimizer]
] = {
    "gradient-descent": _descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}
