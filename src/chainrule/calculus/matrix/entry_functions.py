"""What each function of vectors and matrices is, written out in entries.

Each takes the numbers of classes, where they are known, and arrays of trees; it gives an array.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

from chainrule.calculus.build import (
    add,
    call,
    divide,
    exact,
    is_number,
    multiply,
    negative,
    number,
    raised,
    subtract,
)
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.tree import Node

LARGEST_DETERMINANT = 3
"""Rows of a matrix whose determinant or inverse is written out: 4 rows have 24 products of 4."""


def _one(tree: Node) -> Any:
    """An array with one number."""
    import numpy as np

    found = np.empty((), dtype=object)
    found[()] = tree
    return found


def _mapped(function: Callable[[Node], Node], array: Any) -> Any:
    import numpy as np

    found = np.empty(array.shape, dtype=object)
    for place in np.ndindex(*array.shape):
        found[place] = function(array[place])
    return found


def _rows(array: Any) -> Any:
    return array if array.ndim == 2 else array[None, :]


def _along(function: Callable[[Any], Any], array: Any) -> Any:
    """A function of one row that gives a row, on each row."""
    import numpy as np

    return np.stack([function(row) for row in _rows(array)]).reshape(array.shape)


def _each(function: Callable[[Any], Node], array: Any) -> Any:
    """A function of one row that gives a number, on each row."""
    import numpy as np

    if array.ndim == 1:
        return _one(function(array))
    found = np.empty(len(array), dtype=object)
    for i, row in enumerate(array):
        found[i] = function(row)
    return found


def _mean(terms: Any) -> Node:
    values = list(terms)
    return values[0] if len(values) == 1 else divide(add(*values), number(len(values)))


# ---- reductions --------------------------------------------------------------------------------


def _norm(array: Any, order: Any = None) -> Any:
    entries = list(array.flat)
    power = number(2) if order is None else order.item()
    if len(entries) == 1:
        return _one(call("abs", entries[0]))
    value = exact(power)
    if value == 2:
        return _one(call("sqrt", add(*(raised(x, number(2)) for x in entries))))
    if value == 1:
        return _one(add(*(call("abs", x) for x in entries)))
    total = add(*(raised(call("abs", x), power) for x in entries))
    return _one(raised(total, divide(number(1), power)))


def _extreme(function: str) -> Callable[[Any], Any]:
    def of(array: Any) -> Any:
        entries = list(array.flat)
        return _one(entries[0] if len(entries) == 1 else call(function, *entries))

    return of


def _largest(array: Any) -> Any:
    """1 where nothing is larger, divided by how many there are."""
    largest = _extreme("max")(array).item()
    chosen = _mapped(lambda x: subtract(number(1), call("sign", subtract(largest, x))), array)
    count = add(*chosen.flat)
    return _mapped(lambda x: divide(x, count), chosen)


def _as_column(array: Any, values: Any) -> Any:
    return values if array.ndim == 1 else values[:, None]


# ---- along rows --------------------------------------------------------------------------------


def _exponentials(row: Any) -> Node:
    return add(*(call("exp", x) for x in row))


def _softmax(row: Any) -> Any:
    total = _exponentials(row)
    return _mapped(lambda x: divide(call("exp", x), total), row)


def _logsumexp(row: Any) -> Node:
    return row[0] if len(row) == 1 else call("log", _exponentials(row))


def _log_softmax(row: Any) -> Any:
    total = _logsumexp(row)
    return _mapped(lambda x: subtract(x, total), row)


def _cross_entropy(classes: Any, z: Any, t: Any) -> Any:
    weights = t if z.shape == t.shape else _one_hot(classes, t, z)
    losses = []
    for row, own in zip(_rows(z), _rows(weights), strict=True):
        total = _logsumexp(row)
        terms = [
            subtract(total, x) if is_number(w, 1) else multiply(w, subtract(total, x))
            for w, x in zip(own, row, strict=True)
            if not is_number(w, 0)
        ]
        losses.append(add(*terms))
    return _one(_mean(losses))


def _one_hot(classes: Any, t: Any, z: Any) -> Any:
    """Numbers if the classes are known; else 1 where t is less than a half away from the class."""
    import numpy as np

    found = np.empty(z.shape, dtype=object)
    for place in np.ndindex(*z.shape):
        if classes is not None:
            found[place] = number(int(classes[place[:-1]] == place[-1]))
            continue
        away = call("abs", subtract(t[place[:-1]], number(place[-1])))
        condition = subtract(divide(number(1), number(2)), away)
        found[place] = call("where", condition, number(1), number(0))
    return found


# ---- of square matrices ----------------------------------------------------------------------


def _check_size(name: str, matrix: Any) -> None:
    if len(matrix) > LARGEST_DETERMINANT:
        raise FormulaError(
            f"Expected a matrix of at most {LARGEST_DETERMINANT} rows for {name} written out in "
            f"entries, found {len(matrix)}: choose smaller shapes."
        )


def _determinant(matrix: Any) -> Node:
    """The sum of signed products, one factor from each row and column (Leibniz)."""
    size = len(matrix)
    if size == 0:
        return number(1)
    terms = []
    for columns in permutations(range(size)):
        swaps = sum(a > b for i, a in enumerate(columns) for b in columns[i + 1 :])
        product = multiply(*(matrix[i, column] for i, column in enumerate(columns)))
        terms.append(negative(product) if swaps % 2 else product)
    return add(*terms)


def _cofactors(name: str, matrix: Any) -> Any:
    """The determinants of what is left without a row and a column, with alternating signs."""
    import numpy as np

    _check_size(name, matrix)
    found = np.empty(matrix.shape, dtype=object)
    for i, j in np.ndindex(*matrix.shape):
        minor = _determinant(np.delete(np.delete(matrix, i, 0), j, 1))
        found[i, j] = negative(minor) if (i + j) % 2 else minor
    return found


def _inverse(matrix: Any) -> Any:
    """Cofactors, transposed, over the determinant (Cramer)."""
    cofactors = _cofactors("inverse", matrix)
    total = _determinant(matrix)
    return _mapped(lambda each: divide(each, total), cofactors.T)


def _checked_determinant(name: str, matrix: Any) -> Node:
    _check_size(name, matrix)
    return _determinant(matrix)


def _diag(array: Any) -> Any:
    import numpy as np

    if array.ndim == 2:
        return np.diagonal(array)
    found = np.full((len(array), len(array)), number(0), dtype=object)
    for i, x in enumerate(array):
        found[i, i] = x
    return found


def _identity(size: int) -> Any:
    import numpy as np

    return _diag(np.full(size, number(1), dtype=object))


def _outer(left: Any, right: Any) -> Any:
    import numpy as np

    found = np.empty((len(left), len(right)), dtype=object)
    for i, j in np.ndindex(*found.shape):
        found[i, j] = multiply(left[i], right[j])
    return found


# ---- losses ------------------------------------------------------------------------------------


def _loss(function: str) -> Callable[..., Any]:
    """The mean of the losses of pairs; squares and distances are written out."""

    def one(y: Node, t: Node, rest: list[Node]) -> Node:
        if function == "mse":
            return raised(subtract(y, t), number(2))
        if function == "mae":
            return call("abs", subtract(y, t))
        return call(function, y, t, *rest)

    def of(classes: Any, y: Any, t: Any, *rest: Any) -> Any:
        given = [each.item() for each in rest]
        return _one(_mean(one(a, b, given) for a, b in zip(y.flat, t.flat, strict=True)))

    return of


ENTRY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda _, a: _one(add(*a.flat)),
    "mean": lambda _, a: _one(_mean(a.flat)),
    "norm": lambda _, a, *order: _norm(a, *order),
    "max": lambda _, a: _extreme("max")(a),
    "min": lambda _, a: _extreme("min")(a),
    "softmax": lambda _, a: _along(_softmax, a),
    "log_softmax": lambda _, a: _along(_log_softmax, a),
    "logsumexp": lambda _, a: _each(_logsumexp, a),
    "row_sum": lambda _, a: _as_column(a, _each(lambda row: add(*row), a)),
    "row_mean": lambda _, a: _as_column(a, _each(_mean, a)),
    "column_sum": lambda _, a: _each(lambda column: add(*column), a.T),
    "column_mean": lambda _, a: _each(_mean, a.T),
    "dot": lambda _, x, y: _one(add(*(multiply(a, b) for a, b in zip(x, y, strict=True)))),
    "outer": lambda _, x, y: _outer(x, y),
    "transpose": lambda _, a: a.T,
    "trace": lambda _, a: _one(add(*a.diagonal())),
    "det": lambda _, a: _one(_checked_determinant("det", a)),
    "logdet": lambda _, a: _one(call("log", _checked_determinant("logdet", a))),
    "inverse": lambda _, a: _inverse(a),
    "largest": lambda _, a: _largest(a),
    "cofactor": lambda _, a: _cofactors("cofactor", a),
    "diag": lambda _, a: _diag(a),
    "ones_like": lambda _, a: _mapped(lambda x: number(1), a),
    "identity_like": lambda _, a: _identity(len(a)),
    "one_hot": _one_hot,
    "cross_entropy": _cross_entropy,
    **{
        name: _loss(name)
        for name in ("mse", "mae", "huber", "hinge", "binary_cross_entropy", "bce_with_logits")
    },
}
"""By the names in `FUNCTIONS`: all that are not taken entry by entry."""
