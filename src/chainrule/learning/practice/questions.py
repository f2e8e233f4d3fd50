"""One question back where several mistakes give the same answer.

First a part of the learner's own formula is looked for, whose derivative differs with the mistakes;
then a small formula that uses the same rules. What the learner replies is compared with what each
mistake makes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from chainrule.calculus import FormulaError, Node, write
from chainrule.calculus.tree import children, walk, written_size
from chainrule.records.message import Message

from .answers import read_answer
from .asked import Asked, points_of, read_asked
from .cause import Causes
from .choice_of_mistakes import choice, chosen
from .diagnosis import CLOSE, expected_of
from .explanations import Explanation
from .rows import Rows
from .sampling import table_for
from .table import Table, Values
from .workings import Worked, Workings, everywhere_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A smaller derivative that is asked for.

    Attributes:
        text: The question.
        names: What a reply may hold.
        table: Points; None if the explanations themselves are to choose from, by their numbers.
        outcomes: For each explanation the derivative that it makes of it.
    """

    text: str
    names: tuple[str, ...] = ()
    table: Table | None = None
    outcomes: tuple[Values, ...] = ()


def question_for(asked: Asked, found: Sequence[Explanation]) -> Question | None:
    """A question whose answers differ between explanations; None if there is only one."""
    if len(found) < 2:
        return None
    return (
        _of_own_parts(asked, found)
        or _of_small_formulas(asked, found)
        or Question(text=choice(found))
    )


def settled(
    asked: Asked, found: tuple[Explanation, ...], question: Question, reply: str
) -> tuple[tuple[Explanation, ...], Question | None]:
    """What is left of the explanations after a reply.

    A reply that fits one of them leaves that one; a right reply leaves those that would have been
    right there as well, or says no more than before.

    Raises:
        FormulaError: If the reply cannot be read.
    """
    if question.table is None:
        return (chosen(found, reply),), None
    entries = read_answer(reply, question.names, count=1).entries
    if len(entries) != 1:
        raise FormulaError(Message("Expected one formula as a reply, found a list."), reply)
    values = question.table(entries[0].root)
    left = tuple(
        each
        for each, outcome in zip(found, question.outcomes, strict=True)
        if _close(values, outcome)
    )
    if not left or len(left) == len(found):
        return found, question
    return left, None if len(left) == 1 else question


def _close(a: Values, b: Values) -> bool:
    with np.errstate(all="ignore"):
        finite = np.isfinite(a) & np.isfinite(b)
        apart = np.abs(a - b) > CLOSE * (1e-6 + np.maximum(np.abs(a), np.abs(b)))
    return bool(finite.sum() >= 4 and not np.any(apart & finite))


def _different(outcomes: Sequence[Values]) -> bool:
    """Whether the first explanation is told from every other."""
    return all(not _close(outcomes[0], other) for other in outcomes[1:])


def _of_own_parts(asked: Asked, found: Sequence[Explanation]) -> Question | None:
    if asked.problem.definitions:
        return None
    root = asked.formula.root
    table = points_of(asked)
    if table is None:
        return None
    parts = [
        node
        for node in walk(root)
        if children(node) and node is not root and asked.task.varies(node)
    ]
    for part in sorted(parts, key=written_size):
        outcomes = _outcomes(part, expected_of(asked).of_part(part), found)
        if outcomes is not None and _different(outcomes[1]):
            shown = write(part)
            text = Message(
                "What is the derivative of {part} by {variable}?",
                part=shown,
                variable=asked.variable,
            )
            return Question(
                text=text,
                names=asked.names,
                table=table.forked(),
                outcomes=tuple(outcomes[1]),
            )
    return None


def _outcomes(
    part: Node, worked: Worked, found: Sequence[Explanation]
) -> tuple[Values, list[Values]] | None:
    """The right derivative of a part, and what each explanation makes of it."""
    inside = {node.id for node in walk(part)}
    rows = worked.one.joined([everywhere_rows(worked)], 10_000)
    outcomes = []
    for each in found:
        mine = tuple(cause for cause in each.causes if cause.node in inside)
        if not mine:
            outcomes.append(worked.right)
            continue
        row = _row(rows, mine, exactly=True)
        if row is None:
            return None
        outcomes.append(row)
    return worked.right, outcomes


def _row(rows: Rows, causes: Causes, *, exactly: bool) -> Values | None:
    """The row of one mistake; of two the first, since one is enough to tell."""
    wanted = causes[0]
    for row, values in zip(rows.causes, rows.values, strict=True):
        mine = row[0]
        if len(row) != 1 or mine.mutation.id != wanted.mutation.id or mine.rule != wanted.rule:
            continue
        if not exactly or mine.node == wanted.node:
            result: Values = values
            return result
    return None


def _of_whole(causes: Causes, right: Values, function: Values) -> Values | None:
    """What a mistake that is made with the whole makes of a formula."""
    match causes[0].mutation.id:
        case "not-differentiated":
            return function
        case "sign-of-whole":
            return -right
        case _:
            return None


_SMALL = {
    "sin(3x)": "chain constant-multiple sin variable",
    "(2x + 1)^3": "chain constant constant-multiple power sum variable",
    "e^(4x)": "chain constant-multiple exponential variable",
    "5x^3": "constant-multiple power",
    "x^4": "power",
    "x^-3": "power",
    "x^2 sin(x)": "power product sin",
    "x^3 e^x": "exponential power product",
    "x^2/(x + 3)": "constant power quotient sum variable",
    "1/(x^2 + 5)": "constant power reciprocal sum",
    "3/x^2": "constant-multiple power power-below",
    "ln(x^2 + 3)": "chain constant log power sum",
    "sqrt(5x)": "chain constant-multiple sqrt variable",
    "cos(x^2)": "chain cos power",
    "-x^3": "minus power",
    "7 - x^2": "constant difference power",
    "x^3 + 4x": "constant-multiple power sum variable",
    "x^3 + 5": "constant power sum",
    "2^x": "exponential",
    "5^(2x)": "chain constant-multiple exponential variable",
    "e^(-2x)": "chain constant-multiple exponential minus variable",
    "tan(3x)": "chain constant-multiple tan variable",
    "sqrt(x)": "sqrt",
    "x^3/7": "constant-multiple power",
    "sigmoid(3x)": "chain constant-multiple sigmoid variable",
    "tanh(2x)": "chain constant-multiple tanh variable",
    "relu(2x - 3)": "chain constant constant-multiple difference relu variable",
    "sin(x)^3": "chain power sin",
    "ln(5x)": "chain constant-multiple log variable",
    "(x^2 + 3x)^4": "chain constant-multiple power sum variable",
    "x^2 - 4x + 5": "constant constant-multiple difference power variable",
}
"""Formulas of a few rules, for questions, and whose mistakes can be made there."""

MOST_VARIABLES = 4
"""In which small formulas are kept: x, and the variables of a gradient."""

MOST_TRIED = 8
"""Small formulas that are worked out for one question, those with the most of its rules first."""


def _of_small_formulas(exercise: Asked, found: Sequence[Explanation]) -> Question | None:
    best: Question | None = None
    told = 0
    variable, own = exercise.variable, write(exercise.formula.root)
    for text in _promising(found):
        small = _worked_out(_in(variable, text))
        if small is None or small.text == own:  # it would be answered as it was
            continue
        outcomes = []
        for each in found:
            row = _of_whole(each.causes, small.right, small.function)
            if row is None:
                row = _row(small.rows, each.causes, exactly=False)
            outcomes.append(small.right if row is None else row)
        distinct = _count(outcomes)
        if distinct > told and distinct > 1 and _different(outcomes):
            told = distinct
            best = Question(
                text=Message(
                    "To tell what happened: what is the derivative of {part} by {variable}?",
                    part=small.text,
                    variable=small.variable,
                ),
                names=small.names,
                table=small.table.forked(),
                outcomes=tuple(outcomes),
            )
            if distinct == len(found):
                return best
    return best


@dataclass(frozen=True, slots=True)
class _Small:
    """A small formula, and what comes of it with a mistake."""

    text: str
    variable: str
    names: tuple[str, ...]
    table: Table
    right: Values
    function: Values
    rows: Rows


def work_out_small_formulas(variable: str) -> None:
    """Do now what a question about an exercise may need.

    Args:
        variable: Of the exercise.
    """
    for text in _SMALL:
        _worked_out(_in(variable, text))


def _in(variable: str, text: str) -> str:
    return text.replace("x", variable) if variable.isalpha() else text


@lru_cache(MOST_VARIABLES * len(_SMALL))
def _worked_out(text: str) -> _Small | None:
    (asked,) = read_asked(text)
    root = asked.formula.root
    table = table_for([root, asked.derivative], asked.names, points=10)
    if table is None:
        return None
    worked = Workings(asked.task, table).of(root, routes=False)
    rows = worked.one.joined([everywhere_rows(worked)], 10_000)
    return _Small(write(root), asked.variable, asked.names, table, worked.right, table(root), rows)


def _promising(found: Sequence[Explanation]) -> list[str]:
    """Small formulas in which something that is asked about can go wrong, the best first."""
    wanted = [
        {cause.rule for cause in each.causes if cause.rule}
        for each in found
        if any(cause.rule or cause.mutation.id in _ANYWHERE for cause in each.causes)
    ]

    def possible(text: str) -> int:
        return sum(rules.issubset(_SMALL[text].split()) for rules in wanted)

    return sorted(filter(possible, _SMALL), key=lambda text: -possible(text))[:MOST_TRIED]


_ANYWHERE = frozenset({"not-differentiated", "sign-of-whole"})
"""Mistakes that can be made with any formula."""


def _count(outcomes: Sequence[Values]) -> int:
    kept: list[Values] = []
    for each in outcomes:
        if not any(_close(each, other) for other in kept):
            kept.append(each)
    return len(kept)
