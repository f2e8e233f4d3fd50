"""The functions of formulas on NumPy arrays in float64, entry by entry, along rows, of matrices.

Importing this loads no NumPy: `numpy_functions` does.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from chainrule.calculus.symbolic import SELU_ALPHA, SELU_SCALE

Compute = Callable[..., Any]


@cache
def numpy_functions() -> dict[str, Compute]:
    """By the names in `FUNCTIONS`. Arguments and results are arrays of float64."""
    return {**_of_numbers(), **_along_rows(), **_of_matrices(), **_losses()}


def _of_numbers() -> dict[str, Compute]:
    import numpy as np
    from scipy import special

    def log(x: Any, base: Any = None) -> Any:
        if base is None:
            return np.log(x)
        return np.log(x) / np.log(np.where(base > 0, base, np.nan))  # of 0 it would give 0

    def softplus(x: Any, beta: Any = 1.0) -> Any:
        return np.logaddexp(0.0, beta * x) / beta

    def elu(x: Any, alpha: Any = 1.0) -> Any:
        return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))

    def gelu_tanh(x: Any) -> Any:
        return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    def extreme(function: Any) -> Compute:
        def of(first: Any, *rest: Any) -> Any:
            if not rest:
                return function.reduce(first, axis=None)
            for other in rest:
                first = function(first, other)
            return first

        return of

    same = "sin cos tan sinh cosh tanh exp log2 log10 sqrt cbrt sign"
    arcs = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}
    areas = {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
    return {
        **{name: getattr(np, name) for name in same.split()},
        **{name: getattr(np, theirs) for name, theirs in (arcs | areas).items()},
        "sec": lambda x: 1 / np.cos(x),
        "csc": lambda x: 1 / np.sin(x),
        "cot": lambda x: 1 / np.tan(x),
        "sech": lambda x: 1 / np.cosh(x),
        "csch": lambda x: 1 / np.sinh(x),
        "coth": lambda x: 1 / np.tanh(x),
        "asec": lambda x: np.arccos(1 / x),
        "acsc": lambda x: np.arcsin(1 / x),
        "acot": lambda x: np.copysign(np.pi / 2, x) - np.arctan(x),
        "asech": lambda x: np.arccosh(1 / x),
        "acsch": lambda x: np.arcsinh(1 / x),
        "acoth": lambda x: np.arctanh(1 / x),
        "log": log,
        "erf": special.erf,
        "erfc": special.erfc,
        "abs": np.abs,
        "where": lambda c, x, y: np.where(c > 0, x, y),
        "sigmoid": special.expit,
        "log_sigmoid": special.log_expit,
        "relu": lambda x: np.maximum(x, 0.0),
        "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
        "elu": elu,
        "selu": lambda x: SELU_SCALE * elu(x, SELU_ALPHA),
        "gelu": lambda x: x * special.ndtr(x),
        "gelu_tanh": gelu_tanh,
        "silu": lambda x: x * special.expit(x),
        "mish": lambda x: x * np.tanh(softplus(x)),
        "softplus": softplus,
        "softsign": lambda x: x / (1 + np.abs(x)),
        "min": extreme(np.minimum),
        "max": extreme(np.maximum),
        "sum": np.sum,
        "mean": np.mean,
        "norm": lambda x, p=2.0: np.linalg.norm(np.ravel(x), p),
    }


def _along_rows() -> dict[str, Compute]:
    import numpy as np
    from scipy import special

    return {
        "softmax": lambda x: special.softmax(x, axis=-1),
        "log_softmax": lambda x: special.log_softmax(x, axis=-1),
        "logsumexp": lambda x: special.logsumexp(x, axis=-1),
        "row_sum": lambda x: np.sum(x, axis=-1, keepdims=x.ndim == 2),
        "row_mean": lambda x: np.mean(x, axis=-1, keepdims=x.ndim == 2),
        "column_sum": lambda x: np.sum(x, axis=0),
        "column_mean": lambda x: np.mean(x, axis=0),
    }


def _of_matrices() -> dict[str, Compute]:
    import numpy as np

    def logdet(matrix: Any) -> Any:
        sign, size = np.linalg.slogdet(matrix)
        return size if sign > 0 else np.float64(np.nan)

    def cofactor(matrix: Any) -> Any:
        # of A = U S Vᵀ they are det(U Vᵀ) U cof(S) Vᵀ, and those of S leave out one factor each:
        # a singular matrix has cofactors too
        left, sizes, right = np.linalg.svd(matrix)
        minors = [np.prod(np.delete(sizes, i)) for i in range(len(sizes))]
        return np.linalg.det(left @ right) * (left * minors) @ right

    def largest(x: Any) -> Any:
        chosen = (x == np.max(x)).astype(float)
        return chosen / np.sum(chosen)

    return {
        "dot": np.dot,
        "outer": np.outer,
        "transpose": np.transpose,
        "trace": np.trace,
        "det": np.linalg.det,
        "logdet": logdet,
        "inverse": np.linalg.inv,
        "cofactor": cofactor,
        "largest": largest,
        "diag": np.diag,
        "ones_like": np.ones_like,
        "identity_like": lambda matrix: np.eye(len(matrix)),
        "one_hot": lambda t, z: (np.expand_dims(t, -1) == np.arange(z.shape[-1])).astype(float),
    }


def _losses() -> dict[str, Compute]:
    import numpy as np
    from scipy import special

    def huber(y: Any, t: Any, delta: Any = 1.0) -> Any:
        error = np.abs(y - t)
        return np.mean(np.where(error <= delta, error * error / 2, delta * (error - delta / 2)))

    def binary_cross_entropy(p: Any, t: Any) -> Any:
        return -np.mean(special.xlogy(t, p) + special.xlog1py(1 - t, -p))

    def bce_with_logits(z: Any, t: Any) -> Any:
        return -np.mean(t * special.log_expit(z) + (1 - t) * special.log_expit(-z))

    def cross_entropy(z: Any, t: Any) -> Any:
        logs = special.log_softmax(z, axis=-1)
        if z.shape != t.shape:
            classes = np.expand_dims(t.astype(int), -1)
            return -np.mean(np.take_along_axis(logs, classes, axis=-1))
        return -np.mean(np.sum(t * logs, axis=-1))

    return {
        "mse": lambda y, t: np.mean((y - t) ** 2),
        "mae": lambda y, t: np.mean(np.abs(y - t)),
        "huber": huber,
        "hinge": lambda y, t: np.mean(np.maximum(0.0, 1 - t * y)),
        "binary_cross_entropy": binary_cross_entropy,
        "bce_with_logits": bce_with_logits,
        "cross_entropy": cross_entropy,
    }
