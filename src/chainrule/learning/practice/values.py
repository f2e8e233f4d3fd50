"""Grades of numbers: a slope at a point, the entries of a gradient there."""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.calculus import DomainError, Evaluation, FormulaError
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Node
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message

from .answers import Answer
from .asked import Asked, checked_point
from .diagnosis import CLOSE
from .table import Table
from .whole_mistakes import FUNCTION_VALUE
from .workings import Workings, everywhere_rows

_DECIMAL = re.compile(r"[-−+]?\d*\.(\d+)\Z")


def close_to(value: float, right: float, text: str) -> bool:
    """Whether a number is another, or that rounded to the decimals that were typed.

    Two decimals at least and three digits: 0.33 is no third, 0.333 is one.
    """
    if abs(value - right) <= 1e-9 * max(1e-9, abs(value), abs(right)):
        return True
    found = _DECIMAL.match(text.strip(" ()[]"))
    if found is None:
        return False
    decimals = len(found[1])
    digits = len(re.sub(r"\D", "", text).lstrip("0"))
    return digits >= 3 and decimals >= 2 and abs(value - right) <= 0.5001 * 10.0**-decimals


def grade_value(parts: Sequence[Asked], read: Answer, at: Mapping[str, float]) -> Grade:
    """Grade the number of a derivative at a point, or those of a gradient.

    Raises:
        FormulaError: If the point does not fit the formula, or there is no derivative there.
    """
    grades = [
        _graded(asked, entry.root, read, at)
        for asked, entry in zip(parts, read.entries, strict=True)
    ]
    return Grade(
        correct=all(each.correct for each in grades),
        diagnoses=tuple(found for each in grades for found in each.diagnoses),
        how="numeric",
    )


def _graded(asked: Asked, answer: Node, read: Answer, at: Mapping[str, float]) -> Grade:
    from chainrule.calculus import derive
    from chainrule.calculus.kinks import derivative_value

    point = checked_point(asked, at)
    evaluation = Evaluation(point, asked.problem.text)
    derivation = derive(
        asked.formula,
        asked.variable,
        definitions=asked.problem.defined,
        routes=False,
        algebra=False,
    )
    right = derivative_value(derivation, evaluation)
    if right is None:
        raise FormulaError(
            Message(
                "Expected a point where the function has a derivative, found a kink or a jump: "
                "choose another one."
            ),
            asked.problem.text,
        )
    try:
        value = Evaluation(point, read.text)(answer)
    except DomainError:
        return Grade(correct=False)
    # what is typed as a list is compared entry by entry, each with its own digits
    typed = read.written if len(read.entries) == 1 else f"{value:.6g}"
    if close_to(value, right, typed):
        return Grade(correct=True)
    return Grade(correct=False, diagnoses=_explained(asked, value, right, point))


def _explained(
    asked: Asked, value: float, right: float, point: dict[str, float]
) -> tuple[Diagnosis, ...]:
    """The only mistake that gives a number, if it is no number that one hits by chance."""
    table = Table({name: np.array([number]) for name, number in point.items()})
    found: dict[str, Diagnosis] = {}

    def note(mutation: Mutation, rule: str, node: int, candidate: float) -> None:
        if math.isfinite(candidate) and _same(candidate, value) and not _same(candidate, right):
            found.setdefault(
                mutation.id,
                Diagnosis(mutation=mutation.id, rule=rule, node=node, message=mutation.message),
            )

    function = float(table(asked.formula.root)[0])
    note(FUNCTION_VALUE, "", -1, function)
    note(
        Mutation(id="sign-of-whole", after="-df", message="Everything is right but the sign."),
        "",
        -1,
        -right,
    )
    worked = Workings(asked.task, table).of(asked.formula.root)
    rows = worked.one.joined([everywhere_rows(worked)], 10_000)
    for causes, values in zip(rows.causes, rows.values, strict=True):
        note(causes[0].mutation, causes[0].rule, causes[0].node, float(values[0]))
    if len(found) != 1:
        return ()
    (only,) = found.values()
    small = value == int(value) and abs(value) < 20
    certain = only.mutation in (FUNCTION_VALUE.id, "sign-of-whole") or not small
    return (only,) if certain else ()


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= CLOSE * max(1e-6, abs(a), abs(b))
