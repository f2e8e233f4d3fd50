"""Points on a curve that an equation gives, where answers about its slope are compared."""

import random

import numpy as np
from numpy.typing import NDArray

from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.tree import Node

from .sampling import AWAY, FEWEST, LARGEST, borders
from .table import Table, Values

DRAWS = 64
"""Of the names that are free; each may give several points, or none."""

GRID = 241
"""Places at which a sign of F is looked at: steps of 0.05, finer than the loops of textbooks."""

REACH = 6.0
"""Largest size of the name that is solved for; most textbook curves lie within."""

WIDER = 5.0
"""How many times as far is looked where too few points are near: x² + y² = 400."""

HALVINGS = 60
"""After so many a bracket of 0.05 is narrower than float64 resolves."""

POINTS = 32
"""That are kept, alternating between the draws, so that all branches are among them."""


def curve_table(found: ImplicitDerivation) -> Table | None:
    """A table of points of a curve at which its slope has values; None if too few are met.

    Args:
        found: How the slope was derived; names other than its two are drawn at random.
    """
    for wider in (1.0, WIDER):
        for solved in (found.of, found.by):  # a curve may be steep, or flat, everywhere
            table = _table(found, solved, wider)
            if table is not None:
                return table
    return None


def _table(found: ImplicitDerivation, solved: str, wider: float) -> Table | None:
    """The same where one of the names is solved for, in a window so many times as wide."""
    root = found.equation.difference.root
    free = [each for each in found.equation.names if each != solved]
    source = random.Random(f"curve {' '.join(free)}")
    drawn: dict[str, Values] = {
        each: wider
        * np.array([source.choice((1, 1, -1)) * source.uniform(0.2, 4.0) for _ in range(DRAWS)])
        for each in free
    }
    # no round number is a corner of the grid
    steps = wider * np.linspace(-REACH, REACH, GRID) + 0.0137
    low, high, columns = _brackets(root, solved, drawn, steps)
    if not len(low):
        return None

    def at(y: Values) -> Values:
        return Table({**columns, solved: y})(root) + np.zeros(len(y))

    with np.errstate(all="ignore"):
        sign = np.sign(at(low))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            same = np.sign(at(middle)) == sign
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        table = Table({**columns, solved: (low + high) / 2})
        good = _moderate(found, table, root)
    kept = np.flatnonzero(good)
    if len(kept) < FEWEST:
        return None
    places = kept[np.linspace(0, len(kept) - 1, min(POINTS, len(kept))).astype(int)]
    chosen = np.zeros(table.points, dtype=bool)
    chosen[places] = True
    return table.only(chosen)


def _brackets(
    root: Node, of: str, drawn: dict[str, Values], steps: Values
) -> tuple[Values, Values, dict[str, Values]]:
    """Neighbouring places of the grid between which F changes its sign, with the other names."""
    grid = {each: np.repeat(column, GRID) for each, column in drawn.items()}
    y = np.tile(steps, DRAWS)
    values = np.broadcast_to(Table({**grid, of: y})(root), y.shape).reshape(DRAWS, GRID)
    with np.errstate(all="ignore"):
        both = np.isfinite(values[:, :-1]) & np.isfinite(values[:, 1:])
        draw, place = np.nonzero(both & (values[:, :-1] * values[:, 1:] < 0))
    return (
        steps[place],
        steps[place + 1],
        {each: column[draw] for each, column in drawn.items()},
    )


def _moderate(found: ImplicitDerivation, table: Table, root: Node) -> NDArray[np.bool_]:
    """Where F really is 0, not a pole, and slope and tangent are moderate, away from kinks."""
    good = np.ones(table.points, dtype=bool)
    for part in (found.factored, found.raw, found.partial_by.tidy, found.partial_of.tidy):
        good &= np.abs(table(part)) < LARGEST
    good &= np.abs(table(root)) < 1e-9 * (1 + np.abs(table(found.equation.left.root)))
    good &= np.abs(table(found.partial_of.tidy)) > AWAY
    for border in (*borders(root), *borders(found.factored)):
        good &= np.abs(table(border)) > AWAY
    return good
