"""What people get wrong with the slope of a curve, and what gives an answer.

Both sides with a mistake in them are linear in y′; two values of y′ give the line, and its zero is
the slope that the mistake leads to.
"""

from functools import cached_property, lru_cache

import numpy as np

from chainrule.calculus.build import name
from chainrule.calculus.derivation import PRIME
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.rules import ALL_RULES, Mutation, Task
from chainrule.calculus.tree import Call, Name, Node, walk, written_size
from chainrule.records.message import Message

from .asked import EXERCISES
from .cause import Cause, Causes, weight
from .curve_asked import CurveAsked
from .curve_values import CLOSE, same, values_at, which_are
from .explanations import CLEARLY, Explanation, distinct, ranked, together, with_slip
from .rows import Rows
from .sampling import FEWEST
from .slips import slip_between
from .table import Table, Values
from .whole_mistakes import NOT_DIFFERENTIATED, RECIPROCAL, WHOLE_SIGN
from .workings import Worked, Workings, everywhere_rows

SLOPES = (0.37, -1.29)
"""Two values of y′ that give the line; none at which a formula of a textbook is special."""

ACCUSING = 5 * CLEARLY
"""How many times likelier than a slip a mistake must be to be told without it: five times as much
as for a formula, since from both sides to the slope each term is written down some five times."""

MOST_OF_SIDES = 60
"""Parts of an equation up to which two mistakes at once are worked out."""


def of_one_branch(
    values: Values, right: Values, root: Node, found: ImplicitDerivation
) -> Mutation | None:
    """Of an answer without y: solved for y on one branch, and right there."""
    names = _names_of(root)
    if found.of in names or not names:
        return None
    with np.errstate(all="ignore"):
        fits = np.abs(values - right) <= CLOSE * np.maximum(1e-3, np.abs(right))
    if int(fits.sum()) < FEWEST or bool(fits.all()):
        return None
    message = Message(
        "That is the slope on one branch of the curve. Written with {of} in it, the slope holds on "
        "all of them.",
        of=found.of,
    )
    return Mutation(id="implicit-one-branch", after="dy", message=message)


def curve_explanations(asked: CurveAsked, table: Table, answer: Node) -> tuple[Explanation, ...]:
    """What gives a wrong answer, the likeliest first: one mistake or one slip, else two mistakes.

    Args:
        asked: What is asked.
        table: Points of the curve.
        answer: What was answered, and is not right.
    """
    found, slopes = asked.derivation, slopes_of(asked)
    values, right, whole = values_at(table, answer), slopes.right, slopes.whole
    fitting = [_explanation((cause,)) for cause, made in whole if same(values, made)]
    # a minus that is forgotten when a term changes sides is the mistake that is made most
    if not _names_of(answer) or (fitting and fitting[0].causes[0].mutation is WHOLE_SIGN):
        return tuple(fitting[:1])
    fitting += [
        _explanation(causes)
        for causes in _agreeing(slopes.one, values)
        if not _forgets_a_side(causes[0], found)
    ]
    slip = slip_between(found.factored, answer, table, CLOSE)
    if slip is not None:
        possible = sum(weight((cause,)) for cause, _ in whole)
        possible += sum(map(weight, slopes.one.causes))
        if "slip-sign" in slip.kinds:
            # a sign that changes where terms change sides is no sign of the rule for sums
            fitting = [e for e in fitting if e.causes[0].mutation.id not in _SIGNS_OF_SUMS]
        fitting = with_slip(distinct(fitting), slip, slip.probability * possible)
    fitting = fitting or _of_two(found, answer, values, right, slopes)
    return ranked(_once(fitting), accusing=ACCUSING)


def _once(found: list[Explanation]) -> list[Explanation]:
    """The likeliest of those that would be told in the same words: they cannot be asked apart."""
    best: dict[frozenset[str], Explanation] = {}
    for each in sorted(found, key=lambda e: -e.weight):
        best.setdefault(frozenset(cause.mutation.message for cause in each.causes), each)
    return [*best.values()]


_SIGNS_OF_SUMS = ("sum-sign", "difference-sign-lost")
"""Mistakes of a rule that nobody gets wrong in an equation but by losing a sign."""

_RATHER_SLIPS = (*_SIGNS_OF_SUMS, "product-minus", "chain-inside-forgotten")
"""Beside a second mistake a sign that was lost, or x written for y: of two slips in random answers
one in ten was laid to such a pair."""


_OF_ONE_CHAIN = frozenset({"chain-inside-differentiated", "chain-outer-lost"})
"""No two mistakes: who leaves cos y as it is, in cos² y, has put no slope in the place of cos y.
Both together only stand for the slope of the cosine, which is missing from 2 cos(y) y′."""


def _explanation(causes: Causes) -> Explanation:
    return Explanation(causes=causes, weight=weight(causes))


def _of_two(
    found: ImplicitDerivation,
    answer: Node,
    values: Values,
    right: Values,
    slopes: "Slopes",
) -> list[Explanation]:
    """Two mistakes that give an answer: both in the sides, or the second in solving."""
    with np.errstate(all="ignore"):
        number = values / right
    if int(np.isfinite(number).sum()) < FEWEST or np.ptp(number[np.isfinite(number)]) < CLOSE:
        return []  # a number times the right one: a slip of two digits gives that as well
    if np.ptp(values[np.isfinite(values)]) < CLOSE:
        return []  # a number, or what comes to one: x/x
    sign = Cause(WHOLE_SIGN, "", -1)
    agreeing = [(*each, sign) for each in _agreeing(slopes.one, -values) if not each[0].aside]
    if written_size(found.equation.difference.root) <= MOST_OF_SIDES:
        agreeing += _agreeing(slopes.two, values)
    return [
        _explanation(causes)
        for causes in agreeing
        if not any(each.mutation.id in _RATHER_SLIPS for each in causes)
        and not any(_forgets_a_side(each, found) for each in causes)
        and not _OF_ONE_CHAIN.issubset(each.mutation.id for each in causes)
        and all(_would_show(each.mutation.id, answer) for each in causes)
        and together(causes)
    ]


def _agreeing(rows: Rows, values: Values) -> list[Causes]:
    """The mistakes that lead to these values."""
    return [rows.causes[i] for i in np.flatnonzero(which_are(values, rows.values))]


def _forgets_a_side(cause: Cause, found: ImplicitDerivation) -> bool:
    """Whether a whole side with y in it would have been left out: a lost term, but of no sum."""
    return (
        cause.mutation.id == "sum-term-lost"
        and cause.node == found.equation.difference.root.id
        and all(_has(side.root, found.of) for side in (found.equation.left, found.equation.right))
    )


def _would_show(mutation: str, answer: Node) -> bool:
    """Whether a function that is said to have been kept stands in the answer."""
    kept = mutation.removesuffix("-kept")
    return (
        kept == mutation
        or kept not in FUNCTIONS
        or any(isinstance(each, Call) and each.function == kept for each in walk(answer))
    )


def _of_whole(found: ImplicitDerivation, table: Table, right: Values) -> list[tuple[Cause, Values]]:
    """Mistakes that are made with the whole equation."""
    by, of = (values_at(table, each.tidy) for each in (found.partial_by, found.partial_of))
    left = (
        values_at(table, found.left.tidy) if not _has(found.left.tidy, found.slope.name) else None
    )
    with np.errstate(all="ignore"):
        reciprocal = 1 / right
    as_one, held = ALL_RULES["implicit-variable"].mutations
    listed = [
        (Cause(WHOLE_SIGN, "", -1), -right),
        (Cause(turned(found), "", -1), reciprocal),
        (Cause(TURNED_WITH_SIGN, "", -1), -reciprocal),
        (Cause(held, "implicit-variable", -1), by),
        (Cause(_NOT_DIVIDED, "", -1), -by),
        (Cause(_OTHER_PARTIAL, "", -1), of),
        (Cause(as_one, "implicit-variable", -1), by + of),
        (Cause(as_one, "implicit-variable", -1), -by - of),
    ]
    if _names_of(found.equation.right.root):
        listed.append((Cause(_SIDE_KEPT, "", -1), _with_right_kept(found, table)))
    return listed if left is None else [*listed, (Cause(held, "", -1), left)]


def _with_right_kept(found: ImplicitDerivation, table: Table) -> Values:
    """The slope if the left side is differentiated and the right is left as it stands."""
    kept = values_at(table, found.equation.right.root)
    first, second = (
        values_at(
            Table({**table.columns, found.slope.name: np.full(table.points, slope)}),
            found.left.tidy,
        )
        - kept
        for slope in SLOPES
    )
    return _zero(first, second)


def _zero(first: Values, second: Values) -> Values:
    """Where a line is 0 that has these values at both of `SLOPES`."""
    with np.errstate(all="ignore"):
        return SLOPES[0] - first / ((second - first) / (SLOPES[1] - SLOPES[0]))


def _names_of(root: Node) -> set[str]:
    return {each.name for each in walk(root) if isinstance(each, Name)}


def turned(found: ImplicitDerivation) -> Mutation:
    """That the slope was answered of the other name by this one."""
    message = Message(
        "That is 1 over the slope: how fast {by} moves with {of}, not {of} with {by}.",
        by=found.by,
        of=found.of,
    )
    return Mutation(id=RECIPROCAL.id, after=RECIPROCAL.after, message=message)


TURNED_WITH_SIGN = Mutation(
    id="implicit-turned",
    after="dF/dy / dF/dx",
    message="The fraction is upside down and has the other sign: what multiplies y′ goes below the "
    "line, and the rest goes to the other side with a minus.",
)
_NOT_DIVIDED = Mutation(
    id="implicit-not-divided",
    after="-dF/dx",
    message="That is what stands on the other side of the equation: it still has to be divided by "
    "what multiplies y′.",
)
_SIDE_KEPT = Mutation(
    id=NOT_DIFFERENTIATED.id,
    after="f",
    message="The right side was left as it stands: both sides have to be differentiated.",
)
_OTHER_PARTIAL = Mutation(
    id="implicit-other-partial",
    after="dF/dy",
    message="That is what multiplies y′: the terms without y′ are divided by it, with a minus.",
)


def _has(root: Node, wanted: str) -> bool:
    return wanted in _names_of(root)


class Slopes:
    """Slopes with mistakes made, whatever was answered; each worked out when it is needed.

    Args:
        found: How the right one was derived.
        table: Points of the curve.
    """

    def __init__(self, found: ImplicitDerivation, table: Table) -> None:
        self._found = found
        self._table = table

    @cached_property
    def right(self) -> Values:
        """The slope."""
        return values_at(self._table, self._found.factored)

    @cached_property
    def whole(self) -> list[tuple[Cause, Values]]:
        """With a mistake that is made with the whole equation."""
        return _of_whole(self._found, self._table, self.right)

    @cached_property
    def _worked(self) -> tuple[Workings, Worked]:
        found, table = self._found, self._table
        task = Task(
            variable=found.by,
            moving=frozenset({found.by, found.of}),
            definitions={},
            unknown={found.of: name(found.of + PRIME)},
        )
        # both values of y′ in one table, so that a row is the same mistake at both
        columns = {each: np.tile(values, 2) for each, values in table.columns.items()}
        columns[found.slope.name] = np.repeat(np.array(SLOPES), table.points)
        workings = Workings(task, Table(columns))
        return workings, workings.of(found.equation.difference.root)

    @cached_property
    def one(self) -> Rows:
        """With one mistake, or one everywhere."""
        _, worked = self._worked
        return _solved(worked.one.joined([everywhere_rows(worked)], 10_000))

    @cached_property
    def two(self) -> Rows:
        """With two."""
        workings, worked = self._worked
        return _solved(workings.pairs_of(worked))

    def work_out(self) -> None:
        """Do now what any wrong answer needs."""
        _ = self.whole, self.one


@lru_cache(EXERCISES)
def slopes_of(asked: CurveAsked) -> Slopes:
    """The slopes that mistakes lead to; of the last `EXERCISES` curves they are kept."""
    assert asked.table is not None  # who grades has refused a curve without points
    return Slopes(asked.derivation, asked.table)


def _solved(rows: Rows) -> Rows:
    """Slopes of what both sides come to with either value of y′."""
    first, second = np.split(rows.values, 2, axis=-1)
    return Rows(rows.causes, _zero(first, second))
