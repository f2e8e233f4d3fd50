"""The optimizer's own metric: P in θ ← θ − η P⁻¹ m, and the largest curvature that it tolerates.

On a quadratic with the preconditioner frozen, an optimizer is a linear recursion. In the
eigen-directions of A = P^(-1/2) H P^(-1/2), with λ an eigenvalue, x the distance from the minimum
and z the factor from one step to the next, its characteristic polynomials are

    gradient descent     z − (1 − ηλ)
    heavy ball           z² − (1 + β − η(1−τ)λ) z + β             b ← βb + (1−τ)g,  x ← x − ηb
    Nesterov (PyTorch)   z² − (1+β)(1−ηλ) z + β(1−ηλ)             b ← βb + g,  x ← x − η(g + βb)
    Adam                 z² − (1 + β₁ − η(1−β₁)λ) z + β₁          m ← β₁m + (1−β₁)g,  x ← x − ηm

and all |z| < 1 if and only if, by Jury's criterion at z = −1,

    λ < 2/η    λ < 2(1+β)/((1−τ)η)    λ < (2+2β)/((1+2β)η)    λ < (2+2β₁)/((1−β₁)η).

The first, second (τ = 0) and third limit are those of Cohen et al., Gradient Descent on Neural
Networks Typically Occurs at the Edge of Stability (arXiv 2103.00065), the fourth and its P of
Cohen et al., Adaptive Gradient Methods at the Edge of Stability (arXiv 2207.14484). Dampening τ
and weight decay follow in the same way:

Weight decay w that is added to the gradient adds P^(-1/2) w P^(-1/2) to A. Decay apart from it
(AdamW), x ← (1 − ηw)x − ηm, gives z² − (1 − ηw + β₁ − η(1−β₁)λ) z + β₁(1 − ηw), which at z = −1
asks for λ + w (1+β₁)/(1−β₁) < (2+2β₁)/((1−β₁)η): it adds w (1+β₁)/(1−β₁) to A. Both are in
`shift`, so parameter groups with different decay are treated exactly.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

from chainrule.objective import ObjectiveError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preconditioner:
    """What an optimizer makes of a gradient, frozen at its present state.

    Attributes:
        vector: P, flat, in the order of the parameters given; infinite where the optimizer does
            not move a parameter.
        shift: What weight decay adds to the diagonal of P^(-1/2) H P^(-1/2), flat.
        learning_rate: η, of the parameter group whose η is largest; smaller ones are in P.
        limit: The largest eigenvalue of P^(-1/2) H P^(-1/2) with `shift` at which the optimizer is
            stable on a quadratic.
        name: The optimizer, with what of its settings matters.
        formula: The limit as a formula, with its numbers.
    """

    vector: Tensor
    shift: Tensor
    learning_rate: float
    limit: float
    name: str
    formula: str

    @property
    def inverse_root(self) -> Tensor:
        """P^(-1/2), flat; 0 where a parameter is not moved."""
        return self.vector.rsqrt()


def preconditioner(optimizer: Optimizer, parameters: Mapping[str, Tensor]) -> Preconditioner:
    """The preconditioner that an optimizer's state amounts to now.

    Args:
        optimizer: SGD (with momentum, dampening, Nesterov), Adam, AdamW, RMSprop or Adagrad; the
            adaptive ones after at least one step.
        parameters: The model's own parameters by name, in the order of the objective, such as
            `{n: p for n, p in model.named_parameters() if p.requires_grad}`.

    Raises:
        ObjectiveError: If the optimizer is of another kind or maximises, holds none of the
            parameters, has not made a step yet, has no η > 0, or its parameter groups differ in
            momentum.
    """
    if not isinstance(optimizer, SGD | Adam | AdamW | RMSprop | Adagrad):
        raise ObjectiveError(
            "Expected SGD, Adam, AdamW, RMSprop or Adagrad, whose stability limits are known, "
            f"found {type(optimizer).__name__}: ask for the sharpness without a preconditioner."
        )
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    held = {name: groups[id(p)] for name, p in parameters.items() if id(p) in groups}
    if not held:
        raise ObjectiveError(
            f"Expected parameters that {type(optimizer).__name__} updates, found none of them in "
            "it: give the model's own parameters, not copies, as from model.named_parameters()."
        )
    states = {name: optimizer.state.get(parameters[name], {}) for name in held}
    moved = {name for name in held if _has_state(optimizer, states[name])}
    if not moved:
        raise ObjectiveError(
            f"Expected {type(optimizer).__name__} to have made a step, found no state for any of "
            "the parameters: its preconditioner exists after optimizer.step()."
        )
    dynamics = _shared_dynamics(optimizer, held)
    rates = {name: _rate(optimizer, held[name], states[name]) for name in held}
    learning_rate = max(rates.values())
    if not learning_rate > 0:
        raise ObjectiveError(
            f"Expected a learning rate above 0, found {learning_rate}: with it nothing moves, and "
            "every curvature is stable."
        )
    # one piece of memory, written in place: this is made amid a training, on each captured step
    tensors = list(parameters.values())
    vector = tensors[0].new_full(
        (sum(p.numel() for p in tensors),),
        torch.inf,
        dtype=reduce(torch.promote_types, (p.dtype for p in tensors)),
        requires_grad=False,
    )
    decays = any(group.get("weight_decay", 0.0) for group in held.values())
    shift = torch.zeros_like(vector) if decays else vector.new_zeros(1).expand(vector.numel())
    start = 0
    for name, parameter in parameters.items():
        end = start + parameter.numel()
        P, start = vector[start:end], end
        if name not in moved or rates[name] <= 0:
            continue
        # a group with a smaller η has a larger P: η_group / P = η · (η_group / η) / P
        part = rates[name] / learning_rate
        _scale(optimizer, held[name], states[name], P.view(parameter.shape))
        if part != 1:
            P /= part
        decay = float(held[name].get("weight_decay", 0.0))
        if decay and _decay_is_apart(optimizer, held[name]):
            shift[end - parameter.numel() : end] = decay * part * dynamics.decay_factor
        elif decay:
            torch.div(decay, P, out=shift[end - parameter.numel() : end])
    return Preconditioner(
        vector=vector,
        shift=shift,
        learning_rate=learning_rate,
        limit=dynamics.factor / learning_rate,
        name=f"{type(optimizer).__name__}{dynamics.settings}",
        formula=f"{dynamics.formula}, η = {learning_rate:g}",
    )


@dataclass(frozen=True, slots=True)
class _Dynamics:
    """The recursion of an optimizer, apart from P and η.

    Attributes:
        factor: The limit times η.
        formula: The limit, in words of the settings.
        settings: The settings, for a name.
        decay_factor: What decay apart from the gradient is multiplied by in `shift`.
    """

    factor: float
    formula: str
    settings: str
    decay_factor: float = 1.0


def _dynamics(optimizer: Optimizer, group: Mapping[str, Any]) -> _Dynamics:
    if isinstance(optimizer, Adam | AdamW):
        beta = float(group["betas"][0])
        kind = f" (β₁={beta:g})"
        factor = (2 + 2 * beta) / (1 - beta)
        return _Dynamics(factor, "(2 + 2β₁) / ((1 − β₁) η)" + kind, kind, factor / 2)
    beta = float(group.get("momentum", 0.0))
    if beta == 0:
        # PyTorch ignores dampening and Nesterov where there is no momentum
        return _Dynamics(2.0, "2 / η", "")
    if group.get("nesterov", False):
        kind = f" (Nesterov, β={beta:g})"
        return _Dynamics((2 + 2 * beta) / (1 + 2 * beta), "(2 + 2β) / ((1 + 2β) η)" + kind, kind)
    dampening = float(group.get("dampening", 0.0))
    if dampening:
        kind = f" (β={beta:g}, τ={dampening:g})"
        factor = 2 * (1 + beta) / (1 - dampening) if dampening < 1 else math.inf
        return _Dynamics(factor, "2 (1 + β) / ((1 − τ) η)" + kind, kind)
    kind = f" (β={beta:g})"
    return _Dynamics(2 * (1 + beta), "2 (1 + β) / η" + kind, kind)


def _shared_dynamics(optimizer: Optimizer, held: Mapping[str, Mapping[str, Any]]) -> _Dynamics:
    first_name, first_group = next(iter(held.items()))
    first = _dynamics(optimizer, first_group)
    for name, group in held.items():
        if group.get("maximize", False):
            raise ObjectiveError(
                f"Expected an optimizer that minimises, found maximize=True for {name!r}: its "
                "stability depends on the most negative curvature; negate the loss instead."
            )
        if _dynamics(optimizer, group) != first:
            raise ObjectiveError(
                "Expected parameter groups with the same momentum, found "
                f"{first.settings.strip() or 'none'} for {first_name!r} and "
                f"{_dynamics(optimizer, group).settings.strip() or 'none'} for {name!r}: there is "
                "no single stability limit; give the parameters of one kind of group."
            )
    return first


def _has_state(optimizer: Optimizer, state: Mapping[str, Any]) -> bool:
    """Whether the optimizer has moved a parameter, so that its P is known."""
    if isinstance(optimizer, SGD):
        return True
    if isinstance(optimizer, Adagrad):  # it makes its state when it is made
        return "sum" in state and float(state["step"]) != 0
    return ("square_avg" if isinstance(optimizer, RMSprop) else "exp_avg_sq") in state


def _scale(
    optimizer: Optimizer, group: Mapping[str, Any], state: Mapping[str, Any], P: Tensor
) -> None:
    """Write P of one parameter at its group's own η."""
    if isinstance(optimizer, SGD):
        P.fill_(1)
    elif isinstance(optimizer, Adagrad):
        P.copy_(state["sum"]).sqrt_().add_(float(group["eps"]))
    elif isinstance(optimizer, RMSprop):
        P.copy_(state["square_avg"])
        if group["centered"]:
            P -= state["grad_avg"] ** 2
        P.sqrt_().add_(float(group["eps"]))
    else:
        second: Tensor = state["max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"]
        steps = float(state["step"])
        beta1, beta2 = map(float, group["betas"])
        # P = (1 − β₁ᵗ) (√(v / (1 − β₂ᵗ)) + ε)          (Cohen et al. 2022, §2)
        first_bias: float = 1 - beta1**steps
        second_bias: float = 1 - beta2**steps
        P.copy_(second).div_(second_bias).sqrt_().add_(float(group["eps"])).mul_(first_bias)


def _rate(optimizer: Optimizer, group: Mapping[str, Any], state: Mapping[str, Any]) -> float:
    """η of the next step."""
    rate = float(group["lr"])
    if isinstance(optimizer, Adagrad) and "step" in state:
        rate /= 1 + float(state["step"]) * float(group["lr_decay"])
    return rate


def _decay_is_apart(optimizer: Optimizer, group: Mapping[str, Any]) -> bool:
    """Whether weight decay shrinks the weights directly instead of adding to the gradient."""
    return isinstance(optimizer, AdamW) or bool(group.get("decoupled_weight_decay", False))
