"""Points at which answers are compared: in the domain, away from kinks, always the same."""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.calculus import Formula
from chainrule.calculus.definitions import evaluation_order
from chainrule.calculus.rules import rules_for
from chainrule.calculus.tree import Call, Node, distinct

from .table import Table, Values

POINTS = 16
"""At which an answer is compared. Two different formulas of a textbook that agree to nine digits at
this many random points have not been met; eight would do as well."""

FEWEST = 6
"""Points that both sides must have in common; with less nothing is said."""

LARGEST = 1e6
"""Of values that are compared: larger ones have lost their digits in float64."""

AWAY = 1e-2
"""From kinks, jumps and the edges of domains."""

_RANGES: tuple[tuple[float, float], ...] = (
    (0.3, 2.6),
    (-2.4, 2.4),
    (0.05, 0.95),
    (-0.95, 0.95),
    (1.05, 4.0),
    (2.0, 12.0),
    (-4.0, -1.05),
    (8.0, 90.0),
)
"""Where names are drawn from, the first two first: most formulas have values there."""


def table_for(
    roots: Sequence[Node],
    names: Collection[str],
    definitions: Mapping[str, Formula] | None = None,
    *,
    seed: int = 0,
    points: int = POINTS,
) -> Table | None:
    """A table of points at which some expressions all have values.

    Args:
        roots: The expressions.
        names: All names that are drawn.
        definitions: Names that have their values from formulas.
        seed: Of the points.
        points: How many, if so many are found.

    Returns:
        None if there are not enough points where all have values.
    """
    drawn = [name for name in sorted(names) if name not in (definitions or {})] or ["x"]
    source = random.Random(f"{seed} {' '.join(drawn)}")
    kept: list[dict[str, Values]] = []
    found = 0
    rounds: list[Callable[[], tuple[float, float]]] = [
        lambda: source.choice(_RANGES[:2]),
        lambda: source.choice(_RANGES[:6]),
        lambda: source.choice(_RANGES),
        lambda: source.choice(_RANGES),
    ]
    for choose in rounds:
        columns = {
            name: np.array([source.uniform(*choose()) for _ in range(4 * points)]) for name in drawn
        }
        trial = _completed(columns, definitions)
        good = usable(trial, roots)
        kept.append({name: column[good] for name, column in trial.columns.items()})
        found += int(good.sum())
        if found >= points:
            break
    if found < FEWEST:
        return None
    joined = {name: np.concatenate([each[name] for each in kept])[:points] for name in kept[0]}
    return Table(joined)


def _completed(columns: dict[str, Values], definitions: Mapping[str, Formula] | None) -> Table:
    """The columns with those of names that stand for formulas."""
    table = Table(columns)
    for name in evaluation_order(definitions) if definitions else ():
        assert definitions is not None
        table.columns[name] = table(definitions[name].root)
    return table


def usable(table: Table, roots: Iterable[Node]) -> NDArray[np.bool_]:
    """At which points expressions have moderate values, away from their kinks and edges."""
    good = np.ones(table.points, dtype=bool)
    with np.errstate(all="ignore"):
        for root in roots:
            good &= np.abs(table(root)) < LARGEST
            for border in borders(root):
                good &= np.abs(table(border)) > AWAY
    return good


def borders(root: Node) -> list[Node]:
    """Parts that are 0 where some part of an expression has a kink or a jump."""
    found: list[Node] = []
    for node in distinct(root):
        if isinstance(node, Call):
            for rule in rules_for(node):
                found += rule.borders(node)
            if node.function == "where":
                found.append(node.arguments[0])
    return found
