"""Slips: whether one small change of a wrong answer makes it right, and what kind of change.

Who knows the rule and writes a wrong digit is told what differs, and accused of nothing. Whether
an answer is a slip is asked of the answer itself, whatever form it was brought into: each part of
it is changed in turn as a hand or an eye slips, and the whole is compared with the right derivative
at all points. All changes of one part are the rows of one table.

How many changes there are says what a hit is worth. If an answer has a hundred neighbours, chance
picks the right one from among them once in a hundred; if it has five, a hit says little.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from chainrule.calculus.build import name
from chainrule.calculus.derivation import HOLE
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    Call,
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
    with_children,
)

from .table import Table, Values

MOST_SITES = 80
"""Parts of an answer that are changed, in reading order; no textbook's answer has more."""

MOST_PIECES = 16
"""Terms and factors of the right derivative that may be missing in an answer."""

SLIP_SIGN = Mutation(
    id="slip-sign",
    after="",
    message="Everything in your answer is right but one sign.",
)
SLIP_NUMBER = Mutation(
    id="slip-number",
    after="",
    message="Everything in your answer is right but one number, a coefficient or an exponent.",
)
SLIP_TERM = Mutation(
    id="slip-term",
    after="",
    message="Your answer has one term too few or too many; the rest is right.",
)
SLIP_FACTOR = Mutation(
    id="slip-factor",
    after="",
    message="Your answer has one factor too few or too many; the rest is right.",
)
SLIP_FUNCTION = Mutation(
    id="slip-function",
    after="",
    message="One function or letter in your answer is another than it should be; the rest is "
    "right.",
)

SLIPS = (SLIP_SIGN, SLIP_NUMBER, SLIP_FUNCTION, SLIP_FACTOR, SLIP_TERM)
"""All kinds, the smallest change first: of several that fit it is told. They say what differs, and
nothing of what somebody believes."""

OF_SLIPS = frozenset(each.id for each in SLIPS)

RATES = {
    "slip-sign": 0.3,
    "slip-number": 0.3,
    "slip-term": 0.15,
    "slip-factor": 0.15,
    "slip-function": 0.1,
}
"""Which share of slips is of which kind: signs and digits are most of what is copied wrongly. Taken
from no measurement; docs/practice.md says how much hangs on them."""

_NUMBERS = np.array([*range(13), 0.5, *range(-1, -7, -1)], dtype=np.float64)
"""What may stand for a number."""

_FACTORS = np.array(
    [2, 3, 4, 5, 6, 7, 8, 9, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7, 1 / 8, 1 / 9]
)
"""Numbers that may have been lost before a part, or be too much."""

_FAMILIES = (
    ("sin", "cos", "tan", "sec", "csc", "cot"),
    ("sinh", "cosh", "tanh", "sech", "csch", "coth"),
    ("tanh", "sigmoid", "relu"),
    ("exp", "log"),
    ("log", "log2", "log10"),
    ("sqrt", "cbrt"),
    ("asin", "acos", "atan"),
)
"""Functions that are written for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Small changes that make an answer right.

    Attributes:
        mutation: The kind that is told.
        kinds: Ids of all that fit.
        probability: That a slip of a learner who knows the derivative gives just this answer.
    """

    mutation: Mutation
    kinds: frozenset[str]
    probability: float


def slip_between(right: Node, answer: Node, table: Table, close: float) -> Slip | None:
    """The slip that leads from the right derivative to an answer; None if none does.

    Args:
        right: The derivative.
        answer: What was answered, and is not right.
        table: Points with a value for every name of both.
        close: Relative difference up to which two values are one.
    """
    wanted = table(right)
    tried = dict.fromkeys((each.id for each in SLIPS), 0)
    hits = dict.fromkeys(tried, 0)
    pieces = _pieces(right, table)
    exponents = {id(node.exponent) for node in distinct(answer) if isinstance(node, Power)}
    coefficients = {
        id(each) for node in distinct(answer) if isinstance(node, Product) for each in node.factors
    }
    for node, rows, kinds in _changes(answer, pieces, exponents, coefficients, table):
        made = table(_with_hole(answer, node), {HOLE: rows})
        made = np.broadcast_to(made, rows.shape)
        with np.errstate(all="ignore"):
            finite = np.isfinite(made) & np.isfinite(wanted)
            apart = np.abs(made - wanted) > close * (
                1e-6 + np.maximum(np.abs(made), np.abs(wanted))
            )
        agree = (finite.sum(axis=-1) >= 0.6 * table.points) & ~np.any(apart & finite, axis=-1)
        for kind, hit in zip(kinds, agree, strict=True):
            tried[kind] += 1
            hits[kind] += bool(hit)
    fitting = [each for each in SLIPS if hits[each.id]]
    if not fitting:
        return None
    return Slip(
        mutation=fitting[0],
        kinds=frozenset(each.id for each in fitting),
        probability=sum(RATES[each.id] * hits[each.id] / tried[each.id] for each in fitting),
    )


def _with_hole(root: Node, old: Node) -> Node:
    made: dict[int, Node] = {}
    hole = name(HOLE)
    for node in distinct(root):
        if node is old:
            made[id(node)] = hole
        else:
            made[id(node)] = with_children(node, [made[id(child)] for child in children(node)])
    return made[id(root)]


def _pieces(right: Node, table: Table) -> tuple[list[Values], list[Values]]:
    """Terms and factors of the right derivative, as values, each once."""
    terms, factors = _terms(right, table), []
    numbers = []
    for node in distinct(right):
        match node:
            case Sum():
                terms += [table(each) for each in node.terms]
            case Product():
                factors += [table(each) for each in node.factors]
            case Name():
                factors.append(table(node))
            case Number():
                numbers.append(table(node))
            case _:
                pass
    factors += [a * b for a, b in combinations(_once(numbers, but=(0, 1)), 2)]
    return _once(terms, but=(0,)), _once(factors, but=(-1, 0, 1))


def _terms(node: Node, table: Table) -> list[Values]:
    """The terms of an expression that is multiplied out as far as one sum in it."""
    match node:
        case Sum():
            return [table(each) for each in node.terms]
        case Quotient():
            with np.errstate(all="ignore"):
                return [each / table(node.denominator) for each in _terms(node.numerator, table)]
        case Product():
            summed = next((each for each in node.factors if isinstance(each, Sum)), None)
            if summed is None:
                return []
            with np.errstate(all="ignore"):
                rest = table(node) / table(summed)
                return [each * rest for each in _terms(summed, table)]
        case _:
            return []


def _once(values: list[Values], *, but: tuple[int, ...]) -> list[Values]:
    kept: list[Values] = []
    for each in values:
        trivial = np.ptp(each) == 0 and each[0] in but
        if trivial or any(np.allclose(each, other, rtol=1e-9, equal_nan=True) for other in kept):
            continue
        kept.append(each)
    return kept[:MOST_PIECES]


def _changes(
    answer: Node,
    pieces: tuple[list[Values], list[Values]],
    exponents: set[int],
    coefficients: set[int],
    table: Table,
) -> Iterator[tuple[Node, Values, list[str]]]:
    """For each part of an answer what may have stood there: rows of values, with their kinds."""
    terms, factors = pieces
    whole = [node for node in distinct(answer) if not _is_sign(node)]
    for node in whole[-MOST_SITES:]:
        value = table(node)
        rows: list[Values] = []
        kinds: list[str] = []

        def may_be(
            kind: Mutation,
            *others: Values,
            rows: list[Values] = rows,
            kinds: list[str] = kinds,
        ) -> None:
            rows.extend(others)
            kinds.extend([kind.id] * len(others))

        with np.errstate(all="ignore"):
            may_be(SLIP_SIGN, -value)
            if isinstance(node, Number):
                may_be(SLIP_NUMBER, *(np.full_like(value, each) for each in _NUMBERS))
                if id(node) not in exponents | coefficients:
                    # 1 is what is left of 1 − x y where one was forgotten, 2 in 2x of none
                    may_be(SLIP_TERM, *(value + each for each in terms))
                    may_be(SLIP_TERM, *(value - each for each in terms))
            elif id(node) in exponents:
                pass
            elif isinstance(node, Name):
                others = (table.columns[each] for each in table.columns if each != node.name)
                may_be(SLIP_FUNCTION, *others)
            if not isinstance(node, Number) and id(node) not in exponents:
                may_be(SLIP_NUMBER, *(value * each for each in _FACTORS))
                may_be(SLIP_FACTOR, *(value * each for each in factors))
                may_be(SLIP_FACTOR, *(value / each for each in factors))
                may_be(SLIP_TERM, *(value + each for each in terms))
                may_be(SLIP_TERM, *(value - each for each in terms))
            if isinstance(node, Sum):
                signs = (1, *(-1 if each == "-" else 1 for each in node.operators))
                left = zip(node.terms, signs, strict=True)
                may_be(SLIP_TERM, *(value - sign * table(term) for term, sign in left))
            if isinstance(node, Call) and len(node.arguments) == 1:
                may_be(SLIP_FUNCTION, *(table(each) for each in neighbours(node)))
        yield node, np.stack(rows), kinds


def _is_sign(node: Node) -> bool:
    """Whether a node is its operand with a sign: what is changed there is changed below."""
    return isinstance(node, Unary)


def neighbours(node: Call) -> Iterator[Node]:
    """The same with functions that are written for each other."""
    others = dict.fromkeys(
        each for family in _FAMILIES if node.function in family for each in family
    )
    for each in others:
        if each != node.function:
            yield Call(function=each, text=each, arguments=node.arguments)
