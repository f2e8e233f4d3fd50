"""Which mistakes give exactly the answer that somebody wrote, and whether a slip may have.

Every derivative with one mistake is compared with the answer at all points, and so is every small
change of the answer that makes it right. What explains it by one thing goes before what needs two:
only where neither one mistake nor one slip does, two mistakes are looked for.

A mistake and a slip are weighed as two models of the same answer. Each is held for as likely as the
other beforehand; what is left is how many answers it could have given. A mistake is told alone if
it is clearly likelier; in between both are named with a question back; else only what differs is.

Silence is the rule where agreement could be chance: an answer that is the same everywhere, or one
that differs from the right one by a number alone, says too little for two mistakes at once.
"""

from functools import cached_property, lru_cache

import numpy as np

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Name, Node, walk, written_size
from chainrule.records.message import Message

from .asked import EXERCISES, Asked, points_of
from .cause import Cause, weight
from .explanations import Explanation, distinct, ranked, together, with_slip
from .likelihood import likelihood
from .rows import Rows
from .sampling import FEWEST, LARGEST
from .slips import slip_between
from .table import Table, Values
from .whole_mistakes import (
    ALL_VARIABLES,
    INTEGRATED,
    NOT_DIFFERENTIATED,
    OF_WHOLE,
    OTHER_VARIABLE,
    RECIPROCAL,
    TWICE,
    WHOLE_SIGN,
)
from .workings import Worked, Workings, everywhere_rows

CLOSE = 1e-7
"""Relative difference up to which an answer is one with a mistake: what a few dozen operations of
rows lose is a hundred times less."""

LARGEST_FORMULA = 220
"""Parts of a formula whose mistakes are worked out; no textbook has one as long."""

LARGEST_FOR_PAIRS = 60
"""Parts up to which two mistakes at once are."""

DEEPEST = 60
"""Levels of a formula whose mistakes are worked out."""


def explanations(asked: Asked, answer: Node, table: Table) -> tuple[Explanation, ...]:
    """Mistakes that give an answer, the likeliest first; none if nothing explains it for sure.

    Args:
        asked: What is asked.
        answer: What was answered, and is not right.
        table: The points of what is asked, with a value for every name of both.
    """
    values = table(answer)
    with np.errstate(all="ignore"):
        good = np.isfinite(values) & (np.abs(values) < LARGEST)
    if int(good.sum()) < FEWEST:
        return ()
    # one that comes to a number says as little as the number: (x² − 2x + 1)/(x − 1)² is 1
    constant = bool(np.ptp(values[good]) <= CLOSE * abs(float(values[good][0])))
    root, expected = asked.formula.root, expected_of(asked)
    # what is constant is an integral of 0 and its own reciprocal: that says nothing
    whole = [] if constant else _of_whole(asked, answer, values, table, expected)
    if written_size(root) > LARGEST_FORMULA or _depth(root) > DEEPEST:
        return ranked(whole)
    pairs = written_size(root) <= LARGEST_FOR_PAIRS
    singles = expected.one
    found = [*whole, *_matching(singles, values)]
    if constant:
        return _only_certain(ranked(found), float(values[good][0]))
    slip = slip_between(asked.derivative, answer, table, CLOSE)
    if slip is not None:
        possible = sum(map(weight, singles.causes)) + sum(likelihood(each) for each in OF_WHOLE)
        found = with_slip(distinct(found), slip, slip.probability * possible)
    if found or not pairs or _by_a_number(expected.right, values):
        return ranked(found)
    return ranked([each for each in _matching(expected.two, values) if together(each.causes)])


class Expected:
    """Derivatives with mistakes made, whatever was answered; each worked out when it is needed.

    Args:
        asked: What is asked.
        table: Its points.
    """

    def __init__(self, asked: Asked, table: Table) -> None:
        self._asked = asked
        self._table = table

    @cached_property
    def _worked(self) -> tuple[Workings, Worked]:
        workings = Workings(self._asked.task, self._table)
        return workings, workings.of(self._asked.formula.root)

    def of_part(self, part: Node) -> Worked:
        """The derivatives of a part of the formula."""
        return self._worked[0].of(part)

    @property
    def right(self) -> Values:
        """Without a mistake."""
        return self._worked[1].right

    @cached_property
    def one(self) -> Rows:
        """With one mistake, or one everywhere."""
        _, worked = self._worked
        return worked.one.joined([everywhere_rows(worked)], len(worked.one.causes) + 200)

    @cached_property
    def two(self) -> Rows:
        """With two."""
        workings, worked = self._worked
        return workings.pairs_of(worked)

    @cached_property
    def whole(self) -> list[tuple[Mutation, Values]]:
        """With a mistake that is made with the whole."""
        return _with_whole(self._asked, self._table)

    def work_out(self) -> None:
        """Do now what any wrong answer needs."""
        root = self._asked.formula.root
        _ = self.whole
        if written_size(root) <= LARGEST_FORMULA and _depth(root) <= DEEPEST:
            _ = self.one


@lru_cache(2 * EXERCISES)  # a gradient has several parts
def expected_of(asked: Asked) -> Expected:
    """The derivatives that mistakes lead to; of the last `EXERCISES` exercises they are kept."""
    table = points_of(asked)
    assert table is not None  # who grades has refused a formula without points
    return Expected(asked, table)


def _depth(root: Node) -> int:
    from chainrule.calculus.tree import children

    depth: dict[int, int] = {}
    for node in walk(root):
        depth[id(node)] = 1 + max((depth[id(child)] for child in children(node)), default=0)
    return depth[id(root)]


def _matching(rows: Rows, values: Values) -> list[Explanation]:
    """The rows that agree with an answer wherever both have values, and have values alike."""
    if not rows.causes:
        return []
    with np.errstate(all="ignore"):
        finite = np.isfinite(rows.values) & np.isfinite(values)
        close = np.abs(rows.values - values) <= CLOSE * (
            1e-6 + np.maximum(np.abs(rows.values), np.abs(values))
        )
    enough = finite.sum(axis=-1) >= max(FEWEST, int(0.6 * np.isfinite(values).sum()))
    agree = enough & np.all(close | ~finite, axis=-1)
    return [
        Explanation(causes=rows.causes[i], weight=weight(rows.causes[i]))
        for i in np.flatnonzero(agree)
    ]


def _by_a_number(right: Values, values: Values) -> bool:
    """Whether an answer is a number times the right one, or a number more: a slip gives that."""
    with np.errstate(all="ignore"):
        compared = (values / right, values - right)
    for each in compared:
        finite = each[np.isfinite(each)]
        if len(finite) >= FEWEST and np.ptp(finite) <= 1e-7 * (abs(finite[0]) + 1e-12):
            return True
    return False


def _only_certain(found: tuple[Explanation, ...], value: float) -> tuple[Explanation, ...]:
    """What may be told of an answer that is a number: the only explanation of no small integer."""
    by_chance = abs(value) < 20 and abs(value - round(value)) <= CLOSE
    return found if len(found) == 1 and not by_chance else ()


def _of_whole(
    asked: Asked, answer: Node, values: Values, table: Table, expected: Expected
) -> list[Explanation]:
    """Mistakes that are made with the whole, and give an answer."""
    found: list[Explanation] = []
    for mutation, made in expected.whole:
        found += _matching(_row(mutation, made), values)
    back = _derivative(asked, answer, asked.variable, table)
    if back is not None:
        found += _matching(_row(INTEGRATED, table(asked.formula.root)), back)
    return found


def _row(mutation: Mutation, values: Values) -> Rows:
    return Rows([(Cause(mutation, "", -1),)], values[None, :])


def _with_whole(asked: Asked, table: Table) -> list[tuple[Mutation, Values]]:
    right = table(asked.derivative)
    with np.errstate(all="ignore"):
        reciprocal = 1 / right
    found = [
        (_filled(NOT_DIFFERENTIATED, asked), table(asked.formula.root)),
        (_filled(WHOLE_SIGN, asked), -right),
        (_filled(RECIPROCAL, asked), reciprocal),
    ]
    total = right
    others = [name for name in asked.problem.names if name != asked.variable]
    for other in others:
        by_other = _derivative(asked, asked.formula.root, other, table)
        if by_other is not None:
            found.append((_filled(OTHER_VARIABLE, asked, other), by_other))
            total = total + by_other
    if others:
        found.append((_filled(ALL_VARIABLES, asked), total))
    second = _derivative(asked, asked.derivative, asked.variable, table)
    if second is not None:
        found.append((_filled(TWICE, asked), second))
    return found


def _filled(mutation: Mutation, asked: Asked, other: str = "") -> Mutation:
    if isinstance(mutation.message, Message):
        return mutation
    message = Message(mutation.message, variable=asked.variable, other=other)
    return Mutation(id=mutation.id, after=mutation.after, message=message)


def _derivative(asked: Asked, root: Node, variable: str, table: Table) -> Values | None:
    """The derivative of an expression as values; None if there is none by our rules."""
    from chainrule.calculus import Formula, derive

    if not any(isinstance(node, Name) and node.name in asked.names for node in walk(root)):
        return np.zeros(table.points)
    try:
        found = derive(
            Formula(text="", root=root),
            variable,
            definitions=asked.problem.defined,
            routes=False,
            algebra=False,
        )
    except FormulaError:
        return None
    return table(found.raw)
