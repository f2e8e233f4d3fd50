"""The functions of numbers in float64, without PyTorch: a lesson must not wait for it.

Outside its domain a function raises ValueError or ZeroDivisionError, as `math` does; where it is
too large it is infinite.
"""

import math
from collections.abc import Callable

from .symbolic import SELU_ALPHA, SELU_SCALE


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def _log(x: float, base: float = math.e) -> float:
    return math.log(x) if base == math.e else math.log(x) / math.log(base)


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    power = math.exp(x)
    return power / (1 + power)


def _softplus(x: float, beta: float = 1.0) -> float:
    z = beta * x
    # log(1 + eᶻ) = max(z, 0) + log(1 + e^−|z|), which overflows nowhere
    return (max(z, 0.0) + math.log1p(math.exp(-abs(z)))) / beta


def _elu(x: float, alpha: float = 1.0) -> float:
    return x if x > 0 else alpha * math.expm1(x)


def _gelu_tanh(x: float) -> float:
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def _huber(y: float, t: float, delta: float = 1.0) -> float:
    error = abs(y - t)
    return error * error / 2 if error <= delta else delta * (error - delta / 2)


def _xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0 else x * math.log(y)


def _binary_cross_entropy(p: float, t: float) -> float:
    return -_xlogy(t, p) - _xlogy(1 - t, 1 - p)


def _bce_with_logits(z: float, t: float) -> float:
    return t * _softplus(-z) + (1 - t) * _softplus(z)


def _sech(x: float) -> float:
    # 2e^−|x| / (1 + e^−2|x|): cosh overflows from 710 on, where sech is 10^−308 and not yet 0
    return 2 * math.exp(-abs(x)) / (1 + math.exp(-2 * abs(x)))


def _csch(x: float) -> float:
    # 2e^−|x| / (1 − e^−2|x|), with the sign of x
    return math.copysign(2 * math.exp(-abs(x)), x) / -math.expm1(-2 * abs(x))


def _acot(x: float) -> float:
    return math.copysign(math.pi / 2, x) - math.atan(x)


FLOAT_FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "cot": lambda x: 1 / math.tan(x),
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "asec": lambda x: math.acos(1 / x),
    "acsc": lambda x: math.asin(1 / x),
    "acot": _acot,
    "atan2": math.atan2,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "sech": _sech,
    "csch": _csch,
    "coth": lambda x: 1 / math.tanh(x),
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "asech": lambda x: math.acosh(1 / x),
    "acsch": lambda x: math.asinh(1 / x),
    "acoth": lambda x: math.atanh(1 / x),
    "exp": math.exp,
    "log": _log,
    "log2": math.log2,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "cbrt": math.cbrt,
    "erf": math.erf,
    "erfc": math.erfc,
    "abs": abs,
    "sign": _sign,
    "where": lambda c, a, b: a if c > 0 else b,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -_softplus(-x),
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x, slope=0.01: x if x > 0 else slope * x,
    "elu": _elu,
    "selu": lambda x: SELU_SCALE * _elu(x, SELU_ALPHA),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": _gelu_tanh,
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * math.tanh(_softplus(x)),
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "min": lambda *each: min(each),  # of one number it is that number
    "max": lambda *each: max(each),
    "sum": lambda x: x,
    "mean": lambda x: x,
    "norm": lambda x, p=2: abs(x),
    "mse": lambda y, t: (y - t) ** 2,
    "mae": lambda y, t: abs(y - t),
    "huber": _huber,
    "hinge": lambda y, t: max(0.0, 1 - t * y),
    "binary_cross_entropy": _binary_cross_entropy,
    "bce_with_logits": _bce_with_logits,
}
"""By the names in `FUNCTIONS`."""
