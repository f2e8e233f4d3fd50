"""Values of slopes of a curve at points of it, and whether they are the same."""

import numpy as np
from numpy.typing import NDArray

from chainrule.calculus.tree import Node

from .sampling import FEWEST, LARGEST
from .table import Table, Values

CLOSE = 1e-7
"""Relative difference up to which two slopes are one: a point of the curve is exact to 10⁻¹⁶, and
the slopes that are compared change at most some thousand times as fast."""


def values_at(table: Table, root: Node) -> Values:
    """The values of an expression at all points of a table, also those of a number."""
    with np.errstate(all="ignore"):
        found: Values = table(root) + np.zeros(table.points)
    return found


def has_values(values: Values) -> bool:
    """Whether there are enough of them of a moderate size to compare with others."""
    good = np.isfinite(values) & (np.abs(values) < LARGEST)
    return int(good.sum()) >= FEWEST


def same(a: Values, b: Values) -> bool:
    """Whether they agree wherever both have values, and have enough of them in common."""
    return bool(which_are(a, b[None, :])[0])


def which_are(values: Values, rows: Values) -> NDArray[np.bool_]:
    """Which rows are the same as some values, as `same` says it of one."""
    with np.errstate(all="ignore"):
        both = np.isfinite(values) & np.isfinite(rows)
        both &= (np.abs(values) < LARGEST) & (np.abs(rows) < LARGEST)
        apart = np.abs(values - rows) > CLOSE * np.maximum(
            1e-3, np.maximum(np.abs(values), np.abs(rows))
        )
    found: NDArray[np.bool_] = (both.sum(axis=-1) >= FEWEST) & ~np.any(apart & both, axis=-1)
    return found
