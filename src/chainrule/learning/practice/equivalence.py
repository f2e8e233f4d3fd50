"""Whether an answer says the same as the derivative, in whatever form it was written.

First by values: at many points where both have values, away from kinks and edges of domains. Two
expressions that agree there are then proved equal by algebra, if that is quick; "numeric" stays
where it is not. Unequal is said by values alone, and those cannot be wrong by more than rounding.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from chainrule.calculus.same import same
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

from .normal_form import proved_equal
from .sampling import FEWEST, usable
from .table import Table

EQUAL = 1e-9
"""Relative difference up to which two float64 values are one: a thousand times what a dozen
operations lose."""

DOUBTFUL = 1e-4
"""Up to this relative difference cancellation may have eaten the digits: 50 digits decide then."""

DIGITS = 50
"""Of the values that decide a doubt, and a difference below 10⁻²⁵ is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found.

    Attributes:
        equal: Whether both say the same; None if they have too few points in common to say.
        how: What decided.
        points: At how many points both had values.
    """

    equal: bool | None
    how: Literal["exact", "numeric"]
    points: int


def compare(right: Node, answer: Node, table: Table) -> Comparison:
    """Compare an answer with a derivative.

    Args:
        right: The derivative.
        answer: What was answered.
        table: Points with a value for every name of both, where the derivative has values.
    """
    if same(right, answer):
        return Comparison(equal=True, how="exact", points=table.points)
    with np.errstate(all="ignore"):
        good = usable(table, [right, answer])
        a, b = table(right), table(answer)
        scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
        relative = np.abs(a - b) / scale
    points = int(good.sum())
    if points < FEWEST:
        proved = proved_equal(right, answer)
        return Comparison(equal=True if proved else None, how="exact", points=points)
    apart = relative > EQUAL
    doubtful = [int(i) for i in np.flatnonzero(good & apart)]
    for i in doubtful:
        tiny = scale[i] < 1e-6
        if relative[i] > DOUBTFUL and not tiny:
            return Comparison(equal=False, how="numeric", points=points)
    for i in doubtful[:4]:
        point = {name: float(column[i]) for name, column in table.columns.items()}
        if not _agree_precisely(right, answer, point):
            return Comparison(equal=False, how="numeric", points=points)
    how: Literal["exact", "numeric"] = "exact" if proved_equal(right, answer) else "numeric"
    return Comparison(equal=True, how=how, points=points)


def _agree_precisely(left: Node, right: Node, point: Mapping[str, float]) -> bool:
    import mpmath

    with mpmath.workdps(DIGITS):
        try:
            a, b = (_precise(node, point, mpmath) for node in (left, right))
            return bool(abs(a - b) <= mpmath.mpf(10) ** -25 * (1 + abs(a) + abs(b)))
        except (ValueError, ZeroDivisionError, TypeError, KeyError, AttributeError):
            return False


def _precise(root: Node, point: Mapping[str, float], mp: Any) -> Any:
    found: dict[int, Any] = {}
    for node in distinct(root):
        parts = [found[id(child)] for child in children(node)]
        found[id(node)] = _value(node, parts, point, mp)
    return found[id(root)]


def _value(node: Node, parts: list[Any], point: Mapping[str, float], mp: Any) -> Any:
    match node:
        case Number():
            return mp.mpf(node.text)
        case Constant():
            return mp.pi if node.name == "pi" else mp.e
        case Name():
            return mp.mpf(point[node.name])
        case Unary():
            return -parts[0] if node.operator == "-" else parts[0]
        case Sum():
            total = parts[0]
            for operator, part in zip(node.operators, parts[1:], strict=True):
                total = total - part if operator == "-" else total + part
            return total
        case Product():
            total = parts[0]
            for part in parts[1:]:
                total *= part
            return total
        case Quotient():
            return parts[0] / parts[1]
        case Power():
            return mp.power(parts[0], parts[1])
        case Call():
            function: Callable[..., Any] = _PRECISE.get(node.function) or getattr(mp, node.function)
            return function(mp, *parts) if node.function in _PRECISE else function(*parts)
        case _:
            raise ValueError(type(node).__name__)


_PRECISE: dict[str, Callable[..., Any]] = {
    "abs": lambda mp, x: abs(x),
    "log2": lambda mp, x: mp.log(x, 2),
    "sigmoid": lambda mp, x: 1 / (1 + mp.exp(-x)),
    "relu": lambda mp, x: max(x, 0),
    "softplus": lambda mp, x: mp.log(1 + mp.exp(x)),
    "silu": lambda mp, x: x / (1 + mp.exp(-x)),
    "where": lambda mp, c, x, y: x if c > 0 else y,
    "max": lambda mp, *each: max(each),
    "min": lambda mp, *each: min(each),
}
"""What mpmath calls otherwise, or does not have."""
