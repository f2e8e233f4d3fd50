"""What computes each function of `calculus/functions.py`, and which shapes it takes.

All are differentiable twice wherever their function is, work under `torch.func.vmap`, and give NaN
or an infinity, never an exception, for numbers outside their domain.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from chainrule.calculus import FUNCTIONS

Shape = tuple[int, ...]

_ONE = torch.tensor(1.0, dtype=torch.float64)
_HALF_PI = torch.tensor(math.pi / 2, dtype=torch.float64)


def _one_over(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: torch.reciprocal(function(x))


def _of_one_over(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: function(torch.reciprocal(x))


def _acot(x: Tensor) -> Tensor:
    # atan(1/x) without the 1/0, at which autograd has no derivative: it is −1/(1 + x²)
    return torch.copysign(_HALF_PI, x) - torch.atan(x)


def _cbrt(x: Tensor) -> Tensor:
    sign = torch.copysign(_ONE, x)
    return sign * torch.pow(sign * x, 1 / 3)


def _log(x: Tensor, base: Tensor | None = None) -> Tensor:
    return torch.log(x) if base is None else torch.log(x) / torch.log(base)


def _where(c: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.where(c > 0, x, y)


def _leaky_relu(x: Tensor, slope: Tensor | float = 0.01) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def _elu(x: Tensor, alpha: Tensor | float = 1.0) -> Tensor:
    below = torch.where(x > 0, 0.0, x)  # so that exp does not overflow where it is not used
    return torch.where(x > 0, x, alpha * torch.expm1(below))


def _log_sigmoid(x: Tensor) -> Tensor:
    # x − log(1 + eˣ) where x < 0, −log(1 + e⁻ˣ) elsewhere: neither overflows, and the derivatives
    # of both are right at 0. PyTorch's own is resized with a warning in batched second derivatives.
    negative = x < 0
    return torch.where(negative, x, 0.0) - torch.log1p(torch.exp(torch.where(negative, x, -x)))


def _softplus(x: Tensor, beta: Tensor | float = 1.0) -> Tensor:
    # log(1 + eᶻ) = −log σ(−z); PyTorch's softplus is only z above 20, wrong by 2e-9
    return -_log_sigmoid(-beta * x) / beta


def _mish(x: Tensor) -> Tensor:
    return x * torch.tanh(_softplus(x))


def _softsign(x: Tensor) -> Tensor:
    return x / (1 + torch.abs(x))


def _gelu_tanh(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")


def _min(first: Tensor, *rest: Tensor) -> Tensor:
    if not rest:
        return torch.amin(first)
    for other in rest:
        first = torch.minimum(first, other)
    return first


def _max(first: Tensor, *rest: Tensor) -> Tensor:
    if not rest:
        return torch.amax(first)
    for other in rest:
        first = torch.maximum(first, other)
    return first


def _softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, -1)


def _log_softmax(x: Tensor) -> Tensor:
    return torch.log_softmax(x, -1)


def _logsumexp(x: Tensor) -> Tensor:
    return torch.logsumexp(x, -1)


def _transpose(matrix: Tensor) -> Tensor:
    return torch.transpose(matrix, -2, -1)


def _trace(matrix: Tensor) -> Tensor:
    return torch.diagonal(matrix, dim1=-2, dim2=-1).sum(-1)


def _inverse(matrix: Tensor) -> Tensor:
    inverse, failed = torch.linalg.inv_ex(matrix)
    return torch.where(failed == 0, inverse, math.nan)


def _mse(y: Tensor, t: Tensor) -> Tensor:
    error = y - t
    return torch.mean(error * error)


def _mae(y: Tensor, t: Tensor) -> Tensor:
    return torch.mean(torch.abs(y - t))


def _huber(y: Tensor, t: Tensor, delta: Tensor | float = 1.0) -> Tensor:
    error = y - t
    size = torch.abs(error)
    outside = delta * (size - delta / 2)
    return torch.mean(torch.where(size <= delta, error * error / 2, outside))


def _hinge(y: Tensor, t: Tensor) -> Tensor:
    return torch.mean(torch.relu(1 - t * y))


def _binary_cross_entropy(p: Tensor, t: Tensor) -> Tensor:
    # 0 · log 0 is 0 here, as in PyTorch, whose own function also stops at log p = −100
    return -torch.mean(torch.xlogy(t, p) + torch.special.xlog1py(1 - t, -p))


def _bce_with_logits(z: Tensor, t: Tensor) -> Tensor:
    return -torch.mean(t * _log_sigmoid(z) + (1 - t) * _log_sigmoid(-z))


def _cross_entropy(z: Tensor, t: Tensor) -> Tensor:
    """Of probabilities t of the shape of z, or of class numbers as integers."""
    logs = torch.log_softmax(z, -1)
    if t.is_floating_point():
        return -torch.mean(torch.sum(t * logs, -1))
    return -torch.mean(torch.gather(logs, -1, t.unsqueeze(-1)))


TORCH_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "sec": _one_over(torch.cos),
    "csc": _one_over(torch.sin),
    "cot": _one_over(torch.tan),
    "asin": torch.asin,
    "acos": torch.acos,
    "atan": torch.atan,
    "asec": _of_one_over(torch.acos),
    "acsc": _of_one_over(torch.asin),
    "acot": _acot,
    "atan2": torch.atan2,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "sech": _one_over(torch.cosh),
    "csch": _one_over(torch.sinh),
    "coth": _one_over(torch.tanh),
    "asinh": torch.asinh,
    "acosh": torch.acosh,
    "atanh": torch.atanh,
    "asech": _of_one_over(torch.acosh),
    "acsch": _of_one_over(torch.asinh),
    "acoth": _of_one_over(torch.atanh),
    "exp": torch.exp,
    "log": _log,
    "log2": torch.log2,
    "log10": torch.log10,
    "sqrt": torch.sqrt,
    "cbrt": _cbrt,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "abs": torch.abs,
    "sign": torch.sign,
    "where": _where,
    "sigmoid": torch.sigmoid,
    "log_sigmoid": _log_sigmoid,
    "relu": torch.relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": F.silu,
    "mish": _mish,
    "softplus": _softplus,
    "softsign": _softsign,
    "min": _min,
    "max": _max,
    "sum": torch.sum,
    "mean": torch.mean,
    "norm": torch.linalg.vector_norm,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "dot": torch.dot,
    "outer": torch.outer,
    "transpose": _transpose,
    "trace": _trace,
    "det": torch.linalg.det,
    "logdet": torch.logdet,
    "inverse": _inverse,
    "mse": _mse,
    "mae": _mae,
    "huber": _huber,
    "hinge": _hinge,
    "binary_cross_entropy": _binary_cross_entropy,
    "bce_with_logits": _bce_with_logits,
    "cross_entropy": _cross_entropy,
}
"""By the names in `FUNCTIONS`. Arguments and results are float64 tensors."""


# ---- shapes ----------------------------------------------------------------------------------


def shape_text(shape: Shape) -> str:
    """A shape as an error message says it."""
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a vector of {shape[0]}"
    if len(shape) == 2:
        return f"a {shape[0]} × {shape[1]} matrix"
    return f"shape {shape}"


def misfit(name: str, shapes: list[Shape]) -> str | None:
    """Why a function does not take arguments of these shapes, as a sentence; None if it does."""
    found = " and ".join(shape_text(shape) for shape in shapes)
    match name:
        case "dot":
            fits = len(shapes[0]) == 1 and shapes[0] == shapes[1]
            needs = "two vectors of the same length"
        case "outer":
            fits, needs = all(len(shape) == 1 for shape in shapes), "two vectors"
        case "transpose":
            fits, needs = len(shapes[0]) == 2, "a matrix (x @ A @ y needs none for its vectors)"
        case "trace" | "det" | "logdet" | "inverse":
            fits = len(shapes[0]) == 2 and shapes[0][0] == shapes[0][1]
            needs = "a square matrix"
        case "norm":
            fits, needs = all(shape == () for shape in shapes[1:]), "a number as its p"
        case "cross_entropy":
            fits = bool(shapes[0]) and shapes[1] in (shapes[0], shapes[0][:-1])
            needs = "t as large as z, or one class a row of z"
        case "huber":
            fits = shapes[0] == shapes[1] and all(shape == () for shape in shapes[2:])
            needs = "two of the same shape, and a number as delta"
        case _:
            return _misfit_by_kind(name, shapes, found)
    return None if fits else f"{name} takes {needs}, found {found}."


def _misfit_by_kind(name: str, shapes: list[Shape], found: str) -> str | None:
    kind = FUNCTIONS[name].kind
    if kind == "rows" and not shapes[0]:
        return f"{name} takes a vector or the rows of a matrix, found {found}."
    if kind == "loss" and shapes[0] != shapes[1]:
        return (
            f"{name} compares two of the same shape, found {found}: stretching one to the other "
            "would compare entries that do not belong together."
        )
    for shape in shapes[1:]:
        reason = stretch_misfit(shapes[0], shape)
        if reason:
            return f"{name} works entry by entry, and {reason}"
    return None


def stretch_misfit(left: Shape, right: Shape) -> str | None:
    """Why two shapes do not fit entry by entry; the rest of a sentence, None if they do.

    One may be stretched to the other: a number to anything, a vector to each row of a matrix. That
    both are (a column and a row to a matrix) is nearly always a mistake.
    """
    found = f"{shape_text(left)} does not fit {shape_text(right)}"
    try:
        result = torch.broadcast_shapes(left, right)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return f"{found}."
    if tuple(result) in (left, right):
        return None
    return f"{found}: both would be stretched to {shape_text(tuple(result))}."


def product_misfit(left: Shape, right: Shape) -> str | None:
    """Why `left @ right` is no product, as a sentence; None if it is one."""
    if not left or not right:
        return (
            f"@ multiplies vectors and matrices, found {shape_text(left)} and {shape_text(right)}: "
            "write * to multiply by a number."
        )
    inner = right[-1] if len(right) == 1 else right[-2]
    if left[-1] != inner:
        return (
            f"@ cannot multiply {shape_text(left)} by {shape_text(right)}: the sizes that meet, "
            f"{left[-1]} and {inner}, differ."
        )
    return None
