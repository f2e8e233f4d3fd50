"""What computes each function of `calculus/functions.py`; `calculus/matrix/fit.py` has the shapes.

All are differentiable twice wherever their function is, work under `torch.func.vmap`, and give NaN
or an infinity, never an exception, for numbers outside their domain.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

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


def _row_sum(x: Tensor) -> Tensor:
    return torch.sum(x, -1, keepdim=x.ndim == 2)


def _row_mean(x: Tensor) -> Tensor:
    return torch.mean(x, -1, keepdim=x.ndim == 2)


def _column_sum(matrix: Tensor) -> Tensor:
    return torch.sum(matrix, -2)


def _column_mean(matrix: Tensor) -> Tensor:
    return torch.mean(matrix, -2)


def _diag(x: Tensor) -> Tensor:
    return torch.diag_embed(x) if x.ndim == 1 else torch.diagonal(x, dim1=-2, dim2=-1)


def _identity_like(matrix: Tensor) -> Tensor:
    return torch.eye(matrix.shape[-1], dtype=matrix.dtype)


def _one_hot(t: Tensor, z: Tensor) -> Tensor:
    return (t.unsqueeze(-1) == torch.arange(z.shape[-1])).to(z.dtype)


def _trace(matrix: Tensor) -> Tensor:
    return torch.diagonal(matrix, dim1=-2, dim2=-1).sum(-1)


def _inverse(matrix: Tensor) -> Tensor:
    inverse, failed = torch.linalg.inv_ex(matrix)
    return torch.where(failed == 0, inverse, math.nan)


def _largest(x: Tensor) -> Tensor:
    chosen = (x == torch.amax(x)).to(x.dtype)
    return chosen / torch.sum(chosen)


def _cofactor(matrix: Tensor) -> Tensor:
    # by minors: a singular matrix has cofactors too, and derivatives of them
    size = matrix.shape[-1]
    rows = []
    for i in range(size):
        others = [k for k in range(size) if k != i]
        minors = [
            (-1) ** (i + j)
            * torch.linalg.det(matrix[others][:, [k for k in range(size) if k != j]])
            for j in range(size)
        ]
        rows.append(torch.stack(minors))
    return torch.stack(rows)


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
    "row_sum": _row_sum,
    "row_mean": _row_mean,
    "column_sum": _column_sum,
    "column_mean": _column_mean,
    "dot": torch.dot,
    "outer": torch.outer,
    "transpose": _transpose,
    "trace": _trace,
    "det": torch.linalg.det,
    "logdet": torch.logdet,
    "inverse": _inverse,
    "cofactor": _cofactor,
    "largest": _largest,
    "diag": _diag,
    "ones_like": torch.ones_like,
    "identity_like": _identity_like,
    "one_hot": _one_hot,
    "mse": _mse,
    "mae": _mae,
    "huber": _huber,
    "hinge": _hinge,
    "binary_cross_entropy": _binary_cross_entropy,
    "bce_with_logits": _bce_with_logits,
    "cross_entropy": _cross_entropy,
}
"""By the names in `FUNCTIONS`. Arguments and results are float64 tensors."""
