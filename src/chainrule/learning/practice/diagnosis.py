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

from dataclasses import dataclass, replace

import numpy as np

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Name, Node, walk, written_size
from chainrule.records.message import Message

from .asked import Asked
from .likelihood import likelihood
from .sampling import FEWEST, LARGEST
from .slips import SLIPS, Slip, slip_between
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
from .workings import Cause, Causes, Rows, Workings, everywhere_rows, weight

CLOSE = 1e-7
"""Relative difference up to which an answer is one with a mistake: what a few dozen operations of
rows lose is a hundred times less."""

LARGEST_FORMULA = 220
"""Parts of a formula whose mistakes are worked out; no textbook has one as long."""

LARGEST_FOR_PAIRS = 60
"""Parts up to which two mistakes at once are."""

DEEPEST = 60
"""Levels of a formula whose mistakes are worked out."""

MOST_EXPLANATIONS = 3
"""That one answer is said to be consistent with."""

CLEARLY = 6.0
"""How many times likelier a single explanation must be to be told alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Mistakes that together give an answer.

    Attributes:
        causes: One or two.
        weight: How likely they are, relative to others.
    """

    causes: Causes
    weight: float


def explanations(asked: Asked, answer: Node, table: Table) -> tuple[Explanation, ...]:
    """Mistakes that give an answer, the likeliest first; none if nothing explains it for sure.

    Args:
        asked: What is asked.
        answer: What was answered, and is not right.
        table: Points with a value for every name of both.
    """
    values = table(answer)
    with np.errstate(all="ignore"):
        good = np.isfinite(values) & (np.abs(values) < LARGEST)
    if int(good.sum()) < FEWEST:
        return ()
    # one that comes to a number says as little as the number: (x² − 2x + 1)/(x − 1)² is 1
    constant = bool(np.ptp(values[good]) <= CLOSE * abs(float(values[good][0])))
    # what is constant is an integral of 0 and its own reciprocal: that says nothing
    whole = [] if constant else _of_whole(asked, answer, values, table)
    root = asked.formula.root
    if written_size(root) > LARGEST_FORMULA or _depth(root) > DEEPEST:
        return _ranked(whole)
    pairs = written_size(root) <= LARGEST_FOR_PAIRS
    worked = Workings(asked.task, table, pairs=False).of(root)
    singles = worked.one.joined([everywhere_rows(worked)], len(worked.one.causes) + 200)
    found = [*whole, *_matching(singles, values)]
    if constant:
        return _only_certain(_ranked(found), float(values[good][0]))
    slip = slip_between(asked.derivative, answer, table, CLOSE)
    if slip is not None:
        possible = sum(map(weight, singles.causes)) + sum(likelihood(each) for each in OF_WHOLE)
        found = _with_slip(_distinct(found), slip, slip.probability * possible)
    if found or not pairs or _by_a_number(worked.right, values):
        return _ranked(found)
    both = Workings(asked.task, table, pairs=True).of(root)
    return _ranked([each for each in _matching(both.two, values) if _together(each.causes)])


def _with_slip(found: list[Explanation], slip: Slip, as_likely: float) -> list[Explanation]:
    """The explanations and a slip; a mistake that only says what was done stands for the slip."""
    same = [
        i
        for i, each in enumerate(found)
        if slip.kinds.intersection(_SAID_BY.get(each.causes[0].mutation.id, ()))
        or each.causes[0].mutation.id in OF_WHOLE
    ]
    if not same:
        causes = (Cause(slip.mutation, "", -1),)
        return [*found, Explanation(causes=causes, weight=as_likely)]
    likeliest = max(same, key=lambda i: found[i].weight)
    stronger = replace(found[likeliest], weight=found[likeliest].weight + as_likely)
    return [*found[:likeliest], stronger, *found[likeliest + 1 :]]


def _together(causes: Causes) -> bool:
    """Whether somebody may have made both: no mistake undoes or repeats the other."""
    first, second = causes
    if first.mutation.id == second.mutation.id and first.node == second.node:
        return False
    return weight(causes) >= LEAST_OF_PAIRS


LEAST_OF_PAIRS = 0.35
"""Likelihood of two mistakes below which their agreement with an answer is taken for chance."""


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


def _distinct(found: list[Explanation]) -> list[Explanation]:
    """Each mistake once, the likeliest first, without those that another says as well."""
    best: dict[frozenset[tuple[str, str]], Explanation] = {}
    for each in sorted(found, key=lambda e: -e.weight):
        key = frozenset((cause.mutation.id, cause.rule) for cause in each.causes)
        best.setdefault(key, each)
    every = [*best.values()]
    return [one for one in every if not any(_says_the_same(other, one) for other in every)] or every


def _ranked(found: list[Explanation]) -> tuple[Explanation, ...]:
    """The likeliest first; far less likely ones are left out."""
    ranked = sorted(_distinct(found), key=lambda each: -each.weight)
    kept = [each for each in ranked if each.weight * CLEARLY > ranked[0].weight]
    # a slip last: what is asked back is about the mistakes
    told = kept[:MOST_EXPLANATIONS]
    return tuple(sorted(told, key=lambda each: each.causes[0].mutation in SLIPS))


def _says_the_same(more: Explanation, less: Explanation) -> bool:
    """Whether one explanation says what another says, where they differ."""
    mine = {cause.mutation.id for cause in more.causes}
    yours = {cause.mutation.id for cause in less.causes}
    said = {other for name in mine - yours for other in _SAID_BY.get(name, ())}
    clearly_rarer = more.weight * CLEARLY < less.weight
    return bool(yours - mine) and yours - mine <= said and not clearly_rarer


_SAID_BY: dict[str, tuple[str, ...]] = {
    "chain-inner-lost": (
        "multiple-lost",
        "minus-lost",
        "power-of-derivative",
        "variable-kept",
        "power-factor-lost",
        "constant-kept",
        "sum-term-lost",
        "chain-inside-differentiated",
    ),
    "reciprocal-inner": ("chain-inner-lost", "multiple-lost", "minus-lost", "power-of-derivative"),
    "reciprocal-sign": (
        "sign-of-whole",
        "power-below-sign-lost",
        "power-sign-lost",
        "power-factor-lost",
        "quotient-order",
        "quotient-plus",
    ),
    "reciprocal-of-derivative": ("power-of-derivative",),
    "reciprocal-square-lost": ("power-not-lowered", "quotient-square-lost"),
    "sqrt-of-derivative": ("power-of-derivative",),
    "sqrt-half-lost": ("power-factor-lost", "constant-kept"),
    "softplus-inner-lost": ("chain-inner-lost",),
    "integrated": ("power-integrated", "chain-inner-divided", "exponential-log-below"),
    "not-differentiated": (
        "product-first-lost",
        "chain-outer-lost",
        "sin-kept",
        "sum-term-lost",
        "sigmoid-second-factor-lost",
    ),
    "multiple-lost": ("slip-factor", "slip-number", "variable-kept", "definition-of-softplus-kept"),
    "power-factor-lost": ("multiple-lost",),
    "power-sign-lost": ("sign-of-whole", "minus-lost"),
    "exponential-as-power": ("chain-inner-lost",),
    "quotient-order": ("sign-of-whole",),
    "quotient-denominator-lost": ("quotient-square-of-derivative",),
    "quotient-numerator-held": ("variable-zero",),
    "quotient-denominator-held": ("product-second-lost", "sum-term-lost"),
    "cos-sign": ("sign-of-whole", "minus-lost", "sum-sign"),
    "sin-sign": ("sign-of-whole",),
    "sec-sign": ("cos-sign",),
    "csc-sign": ("sin-sign",),
    "cot-sign": ("quotient-order",),
    "minus-lost": ("sign-of-whole", "slip-sign"),
    "log-turned": ("reciprocal-of-whole",),
    "sum-term-lost": ("slip-term", "multiple-differentiated", "variable-zero"),
    "product-of-derivatives": ("product-second-lost", "product-first-lost"),
    "product-second-lost": ("variable-zero", "multiple-differentiated", "log-of-derivative"),
    "product-first-lost": ("variable-zero",),
    "general-power-as-power": ("product-first-lost",),
    "general-power-as-exponential": ("product-second-lost", "log-of-derivative"),
    "total-inner-lost": ("dependent-one",),
    "sum-sign": ("slip-sign",),
    "difference-sign-lost": ("slip-sign",),
    "product-term-lost": ("slip-term",),
    "total-direct-lost": ("slip-term",),
    "total-path-lost": (
        "slip-term",
        "dependent-held",
        "multiple-differentiated",
        "product-second-lost",
        "product-first-lost",
    ),
}
"""Of two mistakes that give one answer, the one that says the same of less: where the derivative of
the inside is missing, its own factor is missing as well."""


ACCUSES_NOBODY = (
    OF_WHOLE
    | {each.id for each in SLIPS}
    | {more for more, less in _SAID_BY.items() if any(each.id in less for each in SLIPS)}
)
"""What only says how an answer differs: true of it, whatever the learner believes."""


def _only_certain(found: tuple[Explanation, ...], value: float) -> tuple[Explanation, ...]:
    """What may be told of an answer that is a number: the only explanation of no small integer."""
    by_chance = abs(value) < 20 and abs(value - round(value)) <= CLOSE
    return found if len(found) == 1 and not by_chance else ()


def _of_whole(asked: Asked, answer: Node, values: Values, table: Table) -> list[Explanation]:
    """Mistakes that are made with the whole."""
    right = table(asked.derivative)
    function = table(asked.formula.root)
    found: list[Explanation] = []

    def if_equal(mutation: Mutation, candidate: Values) -> None:
        rows = Rows([(Cause(_filled(mutation, asked), "", -1),)], candidate[None, :])
        found.extend(_matching(rows, values))

    if_equal(NOT_DIFFERENTIATED, function)
    if_equal(WHOLE_SIGN, -right)
    with np.errstate(all="ignore"):
        if_equal(RECIPROCAL, 1 / right)
    total = right
    others = [name for name in asked.problem.names if name != asked.variable]
    for other in others:
        by_other = _derivative(asked, asked.formula.root, other, table)
        if by_other is not None:
            if_equal(_filled(OTHER_VARIABLE, asked, other), by_other)
            total = total + by_other
    if others:
        if_equal(ALL_VARIABLES, total)
    second = _derivative(asked, asked.derivative, asked.variable, table)
    if second is not None:
        if_equal(TWICE, second)
    back = _derivative(asked, answer, asked.variable, table)
    if back is not None:
        rows = Rows([(Cause(INTEGRATED, "", -1),)], function[None, :])
        found.extend(_matching(rows, back))
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
