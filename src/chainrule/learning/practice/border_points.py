"""Whether an answer has its cases where the derivative has them: just beside each border.

relu(3x − 1) has its kink at 1/3. An answer with the condition x > 0.3 differs from the derivative
on a stretch so short that points drawn at random miss it. So beside the points that are always
compared, those on both sides of each border are looked up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.definitions import evaluation_order
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.tree import Node
from chainrule.records.exercise import Diagnosis
from chainrule.records.message import Message

from .asked import Asked
from .matrix_asked import MatrixAsked, derivative_at
from .matrix_values import same
from .sampling import borders
from .table import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

HALVINGS = 30
"""Of a stretch on which a border lies: it is known to 10⁻⁹ of its length then."""

BESIDE = 1e-5
"""How far from a border is looked, as a part of the stretch: ten thousand times what the place of
the border is off, so that both sides of it are met."""

APART = 1e-4
"""Relative difference of two values that are not the same; beside a border digits may cancel."""

MOST_BORDERS = 6
"""Of one answer; a derivative in cases has one or two."""

MOST_PLACES = 8
"""At which a border is looked up: one would do if the border were a point, as it is of x alone."""

WIDE = 256
"""Points between −90 and 90 on whose stretches borders are looked for, beside those compared."""


def has_other_borders(asked: Asked, answer: Node, table: Table) -> bool:
    """Whether an answer differs from a derivative beside a border of the one or of the other.

    Args:
        asked: What is asked.
        answer: What has the values of the derivative at the points that are always compared.
        table: These points.
    """
    lines = [*borders(asked.derivative), *borders(answer)][:MOST_BORDERS]
    if not borders(answer):
        return False  # without cases of its own it agreed on all sides that points were drawn on
    own = [name for name in table.columns if name not in asked.problem.defined]
    wide = _wide(len(own))
    columns = {name: np.concatenate([table.columns[name], wide[i]]) for i, name in enumerate(own)}
    with np.errstate(all="ignore"):
        for line in lines:
            beside = _beside(line, columns, asked)
            if beside is None:
                continue
            function, right, found = (
                beside(each) for each in (asked.formula.root, asked.derivative, answer)
            )
            known = np.isfinite(function) & np.isfinite(right) & np.isfinite(found)
            scale = np.maximum(np.maximum(np.abs(right), np.abs(found)), 1e-6)
            if bool(np.any(known & (np.abs(right - found) > APART * scale))):
                return True
    return False


def _wide(count: int) -> "Sequence[Values]":
    """Points of all sizes, close to 0 and far from it, always the same."""
    source = np.random.default_rng(0)
    sizes = 10 ** source.uniform(-2, 1.95, (count, WIDE))
    return [*(sizes * source.choice((-1.0, 1.0), (count, WIDE)))]


def _beside(line: Node, columns: "Mapping[str, Values]", asked: Asked) -> Table | None:
    """Points on both sides of where a line is crossed between two points that follow each other."""
    sign = np.sign(_completed(columns, asked)(line))
    crossed = np.flatnonzero(sign[:-1] * sign[1:] < 0)[:MOST_PLACES]
    if not len(crossed):
        return None
    first = {name: column[crossed] for name, column in columns.items()}
    last = {name: column[crossed + 1] for name, column in columns.items()}

    def between(part: "Values") -> Table:
        return _completed(
            {name: first[name] + part * (last[name] - first[name]) for name in columns}, asked
        )

    low, high = np.zeros(len(crossed)), np.ones(len(crossed))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        before = np.sign(between(middle)(line)) == sign[crossed]
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    sides = [between(low - BESIDE).columns, between(high + BESIDE).columns]
    return Table({name: np.concatenate([each[name] for each in sides]) for name in sides[0]})


def _completed(columns: "Mapping[str, Values]", asked: Asked) -> Table:
    """The columns, with those of names that stand for formulas."""
    table = Table(columns)
    defined = asked.problem.defined
    for name in evaluation_order(defined) if defined else ():
        table.columns[name] = table(defined[name].root)
    return table


def matrix_has_other_borders(asked: MatrixAsked, answer: Node) -> bool:
    """Whether an answer of matrices differs from the derivative beside a border of its own.

    Args:
        asked: What is asked.
        answer: What has the values of the derivative at the points that are always compared.
    """
    points = [*asked.points, {each: 10 * value for each, value in asked.points[-1].items()}]
    for line in borders(answer)[:MOST_BORDERS]:
        for point in _crossings(line, points):
            try:
                right = derivative_at(asked.derivation, point)
                found = MatrixEvaluation(point)(answer)
            except (DomainError, FormulaError, ValueError):
                continue
            if not same([found], [right]):
                return True
    return False


def _crossings(line: Node, points: "Sequence[dict[str, Values]]") -> "Iterator[dict[str, Values]]":
    """Points on both sides of where an entry of a line is 0, between two points."""
    left = MOST_PLACES
    for first, last in pairwise(points):
        between = partial(_between, first, last)
        try:
            ends = [np.sign(MatrixEvaluation(each)(line)) for each in (first, last)]
            for place in [*zip(*np.nonzero(ends[0] * ends[1] < 0), strict=True)][:left]:
                low, high = _narrowed(line, between, place, ends[0][place])
                yield between(low - BESIDE)
                yield between(high + BESIDE)
                left -= 1
        except (DomainError, FormulaError, ValueError):
            continue


def _between(
    first: "dict[str, Values]", last: "dict[str, Values]", part: float
) -> "dict[str, Values]":
    return {name: first[name] + part * (last[name] - first[name]) for name in first}


def _narrowed(
    line: Node,
    between: "Callable[[float], dict[str, Values]]",
    place: tuple[int, ...],
    sign: float,
) -> tuple[float, float]:
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if np.sign(MatrixEvaluation(between(middle))(line)[place]) == sign:
            low = middle
        else:
            high = middle
    return low, high


OTHER_BORDERS = Diagnosis(
    mutation="other-borders",
    rule="",
    node=-1,
    message=Message(
        "Your answer is right in most places. But its cases do not change where those of the "
        "derivative do: look at where the kink is."
    ),
)
