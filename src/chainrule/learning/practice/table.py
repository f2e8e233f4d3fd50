"""Values of many expressions at the same points, in float64, a row a candidate.

Outside its domain an expression is NaN. Every vector operation is counted, so that tests can hold
how much work a diagnosis is.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from chainrule.calculus.float_functions import FLOAT_FUNCTIONS
from chainrule.calculus.tree import (
    Call,
    Constant,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
)

Values = NDArray[np.float64]
"""Last axis: points. Before it, if there is one: candidates."""


class Table:
    """Points, and the values of expressions there; parts that are shared are computed once.

    Args:
        columns: For each name its values.

    Attributes:
        operations: Vector operations so far.
    """

    def __init__(self, columns: Mapping[str, Values]) -> None:
        self.columns = dict(columns)
        self.operations = 0
        self._known: dict[int, tuple[Node, Values]] = {}

    @property
    def points(self) -> int:
        """How many there are."""
        return len(next(iter(self.columns.values())))

    def only(self, kept: NDArray[np.bool_]) -> "Table":
        """Some of the points."""
        return Table({name: column[kept] for name, column in self.columns.items()})

    def forked(self) -> "Table":
        """The same points, with all that is known there; what this learns stays its own."""
        other = Table(self.columns)
        other._known = dict(self._known)
        return other

    def __call__(self, root: Node, holes: Mapping[str, Values] | None = None) -> Values:
        """The values of an expression.

        Args:
            root: The expression.
            holes: What some names stand for, instead of a column; candidates one below the other.
        """
        with np.errstate(all="ignore"):
            if not holes:
                for node in distinct(root, self._known):
                    parts = [self._known[id(child)][1] for child in children(node)]
                    # the node is kept, so that no other object gets its identity
                    self._known[id(node)] = (node, self._value(node, parts))
                return self._known[id(root)][1]
            found: dict[int, Values] = {}
            for node in distinct(root):
                if isinstance(node, Name) and node.name in holes:
                    found[id(node)] = holes[node.name]
                    continue
                below = children(node)
                if all(id(child) not in found for child in below):
                    known = self._known.get(id(node))
                    if known is None:
                        parts = [self._known[id(child)][1] for child in below]
                        known = self._known[id(node)] = (node, self._value(node, parts))
                    continue
                parts = [found[id(c)] if id(c) in found else self._known[id(c)][1] for c in below]
                found[id(node)] = self._value(node, parts)
            return found[id(root)] if id(root) in found else self._known[id(root)][1]

    def _value(self, node: Node, parts: list[Values]) -> Values:
        self.operations += 1
        match node:
            case Number() | Constant():
                return np.full(self.points, node.value)
            case Name():
                return self.columns[node.name]
            case Unary():
                return -parts[0] if node.operator == "-" else parts[0]
            case Sum():
                total = parts[0]
                for operator, part in zip(node.operators, parts[1:], strict=True):
                    total = total - part if operator == "-" else total + part
                return total
            case Product():
                product = parts[0]
                for part in parts[1:]:
                    product = product * part
                return product
            case Quotient():
                return parts[0] / parts[1]
            case Power():
                return np.power(parts[0], parts[1])
            case Call():
                return _called(node.function, parts)
            case _:
                return np.full(self.points, math.nan)


def _called(function: str, parts: list[Values]) -> Values:
    fast = _FAST.get(function)
    if fast is not None and len(parts) == 1:
        return fast(parts[0])
    if function == "where":
        condition, first, second = np.broadcast_arrays(*parts)
        chosen: Values = np.where(condition > 0, first, second)
        chosen[np.isnan(condition)] = math.nan
        return chosen
    if function in ("max", "min"):
        result = parts[0]
        for part in parts[1:]:
            result = np.maximum(result, part) if function == "max" else np.minimum(result, part)
        return result
    slow = FLOAT_FUNCTIONS.get(function)
    if slow is None:
        return np.full_like(parts[0], math.nan)
    arrays = np.broadcast_arrays(*parts)
    out = np.empty(arrays[0].shape)
    flat = out.reshape(-1)
    for i, values in enumerate(zip(*(array.reshape(-1) for array in arrays), strict=True)):
        flat[i] = _one(slow, [float(value) for value in values])
    return out


def _one(function: Callable[..., float], arguments: list[float]) -> float:
    if any(map(math.isnan, arguments)):
        return math.nan
    try:
        return float(function(*arguments))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def _sigmoid(x: Values) -> Values:
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))


_FAST: dict[str, Callable[[Values], Values]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "cot": lambda x: 1 / np.tan(x),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: 1 / np.sinh(x),
    "coth": lambda x: 1 / np.tanh(x),
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "abs": np.abs,
    "sign": np.sign,
    "sigmoid": _sigmoid,
    "relu": lambda x: np.maximum(x, 0.0),
    "softplus": lambda x: np.logaddexp(0.0, x),
    "silu": lambda x: x * _sigmoid(x),
    "log_sigmoid": lambda x: -np.logaddexp(0.0, -x),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "sum": lambda x: x,
    "mean": lambda x: x,
    "norm": np.abs,
}
"""Of one argument, with NumPy; the others are computed one by one."""
