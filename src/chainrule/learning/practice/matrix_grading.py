"""Grades of gradients by vectors and matrices: ∂L/∂w = 2Xᵀ(Xw − y), and Jacobians of vectors.

An answer is compared with the derivative at random values, its products read as those of matrices
and, if that is not right, entry by entry.
"""

from collections.abc import Callable, Mapping

from chainrule.calculus import FormulaError
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import (
    Node,
)
from chainrule.records.exercise import Grade
from chainrule.records.message import Message

from .answers import AnswerError, read_answer
from .choice_of_mistakes import graded_by_choice
from .matrix_answers import as_matrix_products, with_transposes
from .matrix_asked import read_matrix
from .matrix_mistakes import matrix_explanations, misfit, of_shape
from .matrix_values import Variants


def grade_matrix(
    problem: Problem,
    wrt: str,
    answer: str,
    shapes: Mapping[str, Shape] | None = None,
    *,
    reply: str | None = None,
) -> Grade:
    """Grade an answer to "differentiate this by a vector or matrix".

    Args:
        problem: The formula.
        wrt: By which name.
        answer: Such as `2 X^T (X w - y)`, `2*X.T @ (X@w - y)`, LaTeX.
        shapes: As for `read_matrix`.
        reply: The number of the mistake that was chosen when several were asked for.

    Raises:
        FormulaError: If the formula cannot be graded.
        AnswerError: If the answer cannot be read.
    """
    asked = read_matrix(problem, wrt, shapes)
    read = read_answer(with_transposes(answer, problem.names), problem.names, count=1)
    if len(read.entries) != 1:
        raise AnswerError(
            Message("Expected one formula, found a list of {found}.", found=len(read.entries)),
            answer,
        )
    typed = read.entries[0].root
    readings, reason = _readings(typed, asked.derivation.names)
    variants = Variants(asked)
    if any(variants.is_right(root) for root in readings):
        return Grade(correct=True)
    for root in readings or [typed]:
        found = matrix_explanations(root, asked, typed)
        if found:
            return graded_by_choice(found, reply)
    if not readings:
        return Grade(correct=False, diagnoses=(misfit(reason),))
    unlike = of_shape(Shapes(asked.derivation.names)(readings[0]), asked)
    return Grade(correct=False, diagnoses=() if unlike is None else (unlike,))


def _readings(root: Node, names: Mapping[str, Shape]) -> tuple[list[Node], str]:
    """The answer with products of matrices, with some of them entry by entry, and as it was typed.

    Those that have no value are left out.
    """
    found: list[Node] = []
    reason = ""
    ways: tuple[Callable[[], Node], ...] = (
        lambda: as_matrix_products(root, names, strictly=True),
        lambda: as_matrix_products(root, names, stars_entrywise=True, strictly=True),
        lambda: root,
    )
    for way in ways:
        try:
            made = way()
            Shapes(names)(made)
            found.append(made)
        except FormulaError as error:
            reason = reason or error.reason
    return found, reason
