"""Activations."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .entrywise import Function, Parameters, case, rule_of

_SIXTH = torch.tensor(1 / 6, dtype=torch.float32)  # PyTorch's constant, in float64 as well
_ROOT_2 = math.sqrt(2.0)
_ROOT_2_OVER_PI = math.sqrt(2.0 / math.pi)


def _density(x: Tensor) -> Tensor:
    return torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _gelu_prime(x: Tensor, p: Parameters) -> Tensor:
    return 0.5 * (1 + torch.erf(x / _ROOT_2)) + x * _density(x)


def _gelu_tanh_prime(x: Tensor, p: Parameters) -> Tensor:
    t = torch.tanh(_ROOT_2_OVER_PI * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * _ROOT_2_OVER_PI * (1 + 3 * 0.044715 * x**2)


def _elu_prime(x: Tensor, p: Parameters) -> Tensor:
    below = p["alpha"] * p["input_scale"] * torch.exp(x * p["input_scale"])
    return p["scale"] * torch.where(x > 0, 1.0, below)


def _mish_prime(x: Tensor, p: Parameters) -> Tensor:
    t = torch.tanh(F.softplus(x))
    return t + x * (1 - t * t) * torch.sigmoid(x)


def _hardswish_prime(x: Tensor, p: Parameters) -> Tensor:
    return torch.where(x <= -3, 0.0, torch.where(x >= 3, 1.0, x / 3 + 0.5))


def _softplus_prime(x: Tensor, p: Parameters) -> Tensor:
    z = x * p["beta"]
    return torch.where(z > p["threshold"], 1.0, torch.sigmoid(z))


def _inside(low: str, high: str) -> Callable[[Tensor, Parameters], Tensor]:
    return lambda x, p: ((x > p[low]) & (x < p[high])).to(x.dtype)


_sigma = "σ({x})"
_TANH_GELU = Function(
    name="GeluTanh",
    call="gelu_tanh({x})",
    symbol="d/dx [x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))] at {x}",
    figures=case,
    derivative=_gelu_tanh_prime,
    forward=lambda x, p: F.gelu(x, approximate="tanh"),
)
_FUNCTIONS = (
    Function(
        name="Sigmoid",
        call="sigmoid({x})",
        symbol="σ({x})·(1 - σ({x}))",
        figures="{y}·(1 - {y})",
        derivative=lambda y, p: y * (1 - y),
        keeps="result",
    ),
    Function(
        name="Tanh",
        call="tanh({x})",
        symbol="1 - tanh({x})²",
        figures="1 - {y}²",
        derivative=lambda y, p: 1 - y * y,
        keeps="result",
    ),
    Function(
        name="Relu",
        call="relu({x})",
        symbol="(1 if {x} > 0, else 0)",
        figures=lambda y, slope: "1" if slope else "0",
        derivative=lambda y, p: (y > 0).to(y.dtype),
        keeps="result",
    ),
    Function(
        name="LeakyRelu",
        call="leaky_relu({x})",
        symbol="(1 if {x} > 0, else {negative_slope})",
        figures=case,
        derivative=lambda x, p: torch.where(x > 0, torch.ones_like(x), p["negative_slope"]),
        parameters=("negative_slope",),
        forward=lambda x, p: F.leaky_relu(x, p["negative_slope"]),
    ),
    Function(
        name="Elu",
        call="elu({x})",
        symbol="{scale}·(1 if {x} > 0, else {alpha}·exp({x}))",
        figures=case,
        derivative=_elu_prime,
        parameters=("alpha", "scale", "input_scale"),
    ),
    Function(
        name="Gelu",
        call="gelu({x})",
        symbol="Φ({x}) + {x}·φ({x})",
        figures="Φ({x}) + {x}·φ({x})",
        derivative=_gelu_prime,
        forward=lambda x, p: F.gelu(x),
        approximation=_TANH_GELU,
    ),
    Function(
        name="Silu",
        call="silu({x})",
        symbol=f"{_sigma}·(1 + {{x}}·(1 - {_sigma}))",
        figures=f"{_sigma}·(1 + {{x}}·(1 - {_sigma}))",
        derivative=lambda x, p: torch.sigmoid(x) * (1 + x * (1 - torch.sigmoid(x))),
        forward=lambda x, p: F.silu(x),
    ),
    Function(
        name="Softplus",
        call="softplus({x})",
        symbol="σ({beta}·{x})",
        figures="σ({beta}·{x})",
        derivative=_softplus_prime,
        parameters=("beta", "threshold"),
        forward=lambda x, p: F.softplus(x, p["beta"], p["threshold"]),
    ),
    Function(
        name="LogSigmoid",
        call="logsigmoid({x})",
        symbol="1 - σ({x})",
        figures="1 - σ({x})",
        derivative=lambda x, p: torch.sigmoid(-x),
        forward=lambda x, p: F.logsigmoid(x),
    ),
    Function(
        name="Mish",
        call="mish({x})",
        symbol="t + {x}·(1 - t²)·σ({x}), t = tanh(softplus({x}))",
        figures=case,
        derivative=_mish_prime,
        forward=lambda x, p: F.mish(x),
    ),
    Function(
        name="Hardtanh",
        call="hardtanh({x})",
        symbol="(1 if {min_val} < {x} < {max_val}, else 0)",
        figures=case,
        derivative=_inside("min_val", "max_val"),
        parameters=("min_val", "max_val"),
        forward=lambda x, p: F.hardtanh(x, p["min_val"], p["max_val"]),
    ),
    Function(
        name="Hardswish",
        call="hardswish({x})",
        symbol="({x}/3 + 1/2 if -3 < {x} < 3, else 0 or 1)",
        figures=case,
        derivative=_hardswish_prime,
        forward=lambda x, p: F.hardswish(x),
    ),
    Function(
        name="Hardsigmoid",
        call="hardsigmoid({x})",
        symbol="(1/6 if -3 < {x} < 3, else 0)",
        figures=case,
        derivative=lambda x, p: torch.where((x > -3) & (x < 3), _SIXTH, 0.0).to(x),
        forward=lambda x, p: F.hardsigmoid(x),
    ),
    Function(
        name="Threshold",
        call="threshold({x})",
        symbol="(1 if {x} > {threshold}, else 0)",
        figures=case,
        derivative=lambda x, p: (x > p["threshold"]).to(x.dtype),
        parameters=("threshold",),
    ),
)

RULES = tuple(rule_of(row) for row in _FUNCTIONS)
