"""Grades of the slope of a curve that an equation gives, such as dy/dx of x² + y² = 25.

An answer may use the equation: −x/y and −x y/(25 − x²) are the same slope on the circle. So answers
are compared at points of the curve.
"""

from collections.abc import Mapping

from chainrule.calculus import Evaluation, FormulaError
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.problem import Problem
from chainrule.calculus.rules import Mutation
from chainrule.records.exercise import Grade
from chainrule.records.message import Message

from .answers import Answer, AnswerError, read_answer
from .cause import Cause
from .choice_of_mistakes import graded_by_choice
from .curve_asked import asked_curve
from .curve_mistakes import TURNED_WITH_SIGN, curve_explanations, of_one_branch, turned
from .curve_values import CLOSE, has_values, same, values_at
from .explanations import Explanation
from .normal_form import proved_equal
from .values import close_to
from .whole_mistakes import WHOLE_SIGN


def grade_equation(
    problem: Problem,
    wrt: str,
    answer: str,
    at: Mapping[str, float] | None = None,
    *,
    reply: str | None = None,
) -> Grade:
    """Grade an answer to "what is the slope of this curve".

    Args:
        problem: With an equation.
        wrt: By which name; empty for x.
        answer: A formula in any notation, in both names; with `at` a number.
        at: A point of the curve.
        reply: The number of the mistake that was chosen when several were asked for.

    Raises:
        FormulaError: If the equation cannot be differentiated, or no point of it is found.
        AnswerError: If the answer cannot be read.
    """
    asked = asked_curve(problem, wrt)
    found = asked.derivation
    read = read_answer(answer, problem.names, count=1)
    if len(read.entries) != 1:
        raise AnswerError(
            Message(
                "Expected one formula, the slope {slope}, found a list of {found}.",
                slope=found.slope.name,
                found=len(read.entries),
            ),
            read.text,
        )
    if at is not None:
        return _at_point(found, read, at)
    if asked.table is None:
        raise FormulaError(
            Message(
                "Expected an equation with points between −30 and 30 where its curve has a slope, "
                "found too few of them: it cannot be graded."
            ),
            problem.text,
        )
    table = asked.table.forked()  # what is computed of this answer is nothing to the next
    root = read.entries[0].root
    values, right = values_at(table, root), values_at(table, found.factored)
    if not has_values(values):
        return Grade(correct=False)
    if same(values, right):
        return Grade(correct=True, how="exact" if proved_equal(found.factored, root) else "numeric")
    if (branch := of_one_branch(values, right, root, found)) is not None:
        return _graded(branch)
    return graded_by_choice(curve_explanations(asked, table, root), reply)


def _graded(mutation: Mutation) -> Grade:
    only = Explanation(causes=(Cause(mutation, "", -1),), weight=1.0)
    return graded_by_choice([only], None)


def _at_point(found: ImplicitDerivation, read: Answer, at: Mapping[str, float]) -> Grade:
    """Grade the number of the slope at a point of the curve."""
    missing = [each for each in found.equation.names if each not in at]
    if missing:
        raise FormulaError(
            Message(
                "Expected a number for each of {names}, but {missing} has none: give it one, such "
                "as {first}=1.",
                names=", ".join(found.equation.names),
                missing=", ".join(missing),
                first=missing[0],
            )
        )
    evaluation = Evaluation(dict(at), found.equation.text)
    left, right = (evaluation(side.root) for side in (found.equation.left, found.equation.right))
    if abs(left - right) > 1e-6 * (1 + abs(left)):
        raise FormulaError(
            Message(
                "Expected a point of the curve, found one where the left side is {left:.6g} and "
                "the right side {right:.6g}.",
                left=left,
                right=right,
            ),
            found.equation.text,
        )
    if abs(evaluation(found.partial_of.tidy)) < 1e-12:
        raise FormulaError(
            Message("Expected a point where the curve has a slope, found one where it has none."),
            found.equation.text,
        )
    slope = evaluation(found.factored)
    value = Evaluation(dict(at), read.text)(read.entries[0].root)
    if close_to(value, slope, read.written):
        return Grade(correct=True)
    wrong = [(-slope, WHOLE_SIGN)]
    if slope and abs(value - round(value)) > CLOSE:  # a whole number may be anything
        wrong += [(1 / slope, turned(found)), (-1 / slope, TURNED_WITH_SIGN)]
    for number, mutation in wrong:
        if slope and close_to(value, number, read.written):
            return _graded(mutation)
    return Grade(correct=False)
