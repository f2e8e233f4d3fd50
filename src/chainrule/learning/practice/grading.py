"""From an answer to its grade: right in any form, or wrong, and why."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from chainrule.calculus import Formula, FormulaError
from chainrule.calculus.problem import Problem
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Array, Node
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, as_message, joined

from .answers import Answer, AnswerError, read_answer
from .asked import Asked, asked_of, points_of
from .border_points import OTHER_BORDERS, has_other_borders
from .diagnosis import explanations
from .equivalence import Comparison, compare
from .explanations import diagnoses_of
from .implicit_grading import grade_equation
from .jacobian_grading import grade_jacobian
from .layouts import as_row
from .matrix_answers import tells_of_matrices
from .matrix_asked import is_of_matrices, may_be_of_matrices, read_matrices, turned_problem
from .matrix_grading import grade_matrix
from .matrix_letters import has_identity
from .questions import question_for, settled
from .slips import OF_SLIPS
from .spelling_of_arguments import readings_of_arguments
from .table import Table
from .values import grade_value


def grade(
    formula: str,
    wrt: str,
    answer: str,
    at: Mapping[str, float] | None = None,
    *,
    reply: str | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Grade:
    """Grade an answer to "differentiate this".

    Args:
        formula: What is differentiated, as typed; it may have definitions behind `;`.
        wrt: By which variable; with commas for a gradient; empty for the only one.
        answer: In any notation: `2x cos(x^2)`, `dy/dx = …`, LaTeX, PyTorch; a list for a gradient.
        at: A point: then the answer is the number there.
        reply: What was answered to the question that an earlier grade asked back.
        shapes: Of names that are vectors or matrices; where a formula needs some and none are
            said, capital letters are matrices and small ones vectors.

    Raises:
        FormulaError: If the formula cannot be read; the message says where.
        AnswerError: If the answer cannot be.
    """
    try:
        return _grade(formula, wrt, answer, at, reply=reply, shapes=shapes)
    except AnswerError:
        for each in readings_of_arguments(answer):
            with suppress(AnswerError):
                found = _grade(formula, wrt, each.text, at, shapes=shapes)
                if found.correct:
                    read = Message("Read as `{read}`: parentheses say it.", read=each.read)
                    return replace(
                        found, note=joined([read, *([found.note] if found.note else [])])
                    )
        raise


def of_matrices(formula: str, answer: str) -> Problem | None:
    """The formula as one of vectors and matrices; None if it is one of numbers, or an equation.

    Args:
        formula: As typed.
        answer: To it, which may tell.

    Raises:
        FormulaError: If the formula cannot be read.
    """
    try:
        problem = read_problem(formula)
    except FormulaError as error:
        problem = turned_problem(formula, error)
    if problem.equation is not None:
        return None
    matrices = problem if problem.text != formula else read_matrices(formula, answer)
    return matrices if _is_meant_of_matrices(matrices, answer) else None


def _is_meant_of_matrices(
    problem: Problem, answer: str, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> bool:
    if is_of_matrices(problem, shapes) or tells_of_matrices(answer, problem.names):
        return True
    return may_be_of_matrices(problem) and has_identity(answer, problem.names)


def _grade(
    formula: str,
    wrt: str,
    answer: str,
    at: Mapping[str, float] | None,
    *,
    reply: str | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Grade:
    try:
        problem = read_problem(formula)
    except FormulaError as error:
        problem = turned_problem(formula, error)
    if problem.equation is not None:
        return grade_equation(problem, wrt, answer, at, reply=reply)
    matrices = problem if problem.text != formula else read_matrices(formula, answer)
    if _is_meant_of_matrices(matrices, answer, shapes):
        return grade_matrix(matrices, wrt, answer, shapes, reply=reply)
    if isinstance(problem.formula.root, Array):
        return grade_jacobian(
            problem, wrt, answer, lambda *each: grade(*each, reply=reply), _is_right
        )
    parts = asked_of(formula, wrt)
    read, is_row = _as_list(read_answer(answer, parts[0].names, count=len(parts)), len(parts))
    _check_count(parts, read)
    if at is not None:
        return grade_value(parts, read, at)
    tables = [_table(each) for each in parts]
    compared = [
        compare(each.derivative, entry.root, table)
        for each, entry, table in zip(parts, read.entries, tables, strict=True)
    ]
    if len(parts) > 1 and not all(each.equal for each in compared):
        turned = _in_other_order(parts, read, tables)
        if turned is not None:
            return turned
    grades = [
        _graded(each, entry.root, read, reply, table, found)
        for each, entry, table, found in zip(parts, read.entries, tables, compared, strict=True)
    ]
    if len(grades) == 1:
        return _or_of_matrices(grades[0], matrices, wrt, answer)
    found = _joined(parts, grades)
    if found.correct and is_row:
        return replace(found, note=as_row(f"({', '.join(each.variable for each in parts)})"))
    return found


def _or_of_matrices(found: Grade, problem: Problem, wrt: str, answer: str) -> Grade:
    """What is said of an answer, or of it as one of matrices where that says more.

    sigmoid(W x + b) may be a formula of numbers or of vectors, and W for its derivative too.
    """
    said = {each.mutation for each in found.diagnoses}
    if found.correct or not said <= OF_SLIPS or not may_be_of_matrices(problem):
        return found
    try:
        other = grade_matrix(problem, wrt, answer)
    except FormulaError:
        return found
    told = {each.mutation for each in other.diagnoses}
    return other if told - OF_SLIPS - OF_SHAPE else found


OF_SHAPE = frozenset({"matrix-misfit", "gradient-shape"})
"""What of an answer as one of matrices says no more than that it is none."""

_ROW_OF_LATEX = re.compile(
    r"\\begin\{\w*matrix\}(?:(?!\\\\).)*&(?:(?!\\\\).)*\\end\{\w*matrix\}\s*\Z"
)
"""A matrix with & and without \\\\, and no transpose behind it."""


def _as_list(read: Answer, count: int) -> tuple[Answer, bool]:
    """A gradient typed as a matrix of one row or column as a list, and whether it is a row."""
    roots = [each.root for each in read.entries]
    lists = [each.entries for each in roots if isinstance(each, Array)]
    if count < 2 or len(lists) < len(roots) or {*map(len, lists)} not in ({1}, {count}):
        return read, bool(_ROW_OF_LATEX.search(read.text))
    is_row = len(lists) == 1
    if not is_row and any(len(each) > 1 for each in lists):
        return read, False
    entries = tuple(
        Formula(text=formula.text, root=root)
        for formula, roots in zip(read.entries, lists, strict=True)
        for root in roots
    )
    return replace(read, entries=entries), is_row


def _check_count(parts: Sequence[Asked], read: Answer) -> None:
    if len(parts) == len(read.entries):
        return
    names = ", ".join(each.variable for each in parts)
    if len(parts) == 1:
        raise AnswerError(
            Message(
                "Expected one formula, the derivative by {names}, found a list of {found}.",
                names=names,
                found=len(read.entries),
            ),
            read.text,
        )
    example = ", ".join(f"∂f/∂{each.variable}" for each in parts)
    raise AnswerError(
        Message(
            "Expected a list of {count}, the derivatives by {names}, found {found}: write them as "
            "({example}).",
            count=len(parts),
            names=names,
            found=len(read.entries),
            example=example,
        ),
        read.text,
    )


def _table(asked: Asked) -> Table:
    table = points_of(asked)
    if table is None:
        raise FormulaError(
            Message(
                "Expected a formula with values at some points between −90 and 90, found none: it "
                "cannot be graded."
            ),
            asked.problem.text,
        )
    return table.forked()  # what is computed of this answer is nothing to the next


def _is_right(formula: str, wrt: str, answer: str) -> bool:
    """Whether one derivative is right, without a look for what is wrong with it."""
    (asked,) = asked_of(formula, wrt)
    read = read_answer(answer, asked.names, count=1)
    if len(read.entries) != 1 or read.constant_added:
        return False
    table, root = _table(asked), read.entries[0].root
    found = compare(asked.derivative, root, table)
    return found.equal is True and not _differs_at_borders(found, asked, root, table)


def _differs_at_borders(found: Comparison, asked: Asked, answer: Node, table: Table) -> bool:
    """Whether an answer only seems right because no point lay where its cases are wrong."""
    return found.how != "exact" and has_other_borders(asked, answer, table)


def _graded(
    asked: Asked, answer: Node, read: Answer, reply: str | None, table: Table, found: Comparison
) -> Grade:
    if found.equal and _differs_at_borders(found, asked, answer, table):
        return Grade(correct=False, diagnoses=(OTHER_BORDERS,))
    if found.equal and read.constant_added:
        return _WITH_CONSTANT
    if found.equal:
        return Grade(correct=True, how=found.how)
    if found.equal is None:
        return Grade(correct=False)
    alternatives = explanations(asked, answer, table)
    if not alternatives:
        return Grade(correct=False)
    question = question_for(asked, alternatives)
    if question is not None and reply is not None:
        alternatives, question = settled(asked, alternatives, question, reply)
    return Grade(
        correct=False,
        diagnoses=diagnoses_of(alternatives, ambiguous=len(alternatives) > 1),
        question=None if question is None else question.text,
    )


_WITH_CONSTANT = Grade(
    correct=False,
    diagnoses=(
        Diagnosis(
            mutation="constant-of-integral",
            rule="",
            node=-1,
            message=Message(
                "All is right but the + C: an integral has it. A derivative is one function, "
                "without a constant to choose."
            ),
        ),
    ),
)


def _in_other_order(parts: Sequence[Asked], read: Answer, tables: Sequence[Table]) -> Grade | None:
    """Of a gradient whose entries are right but in another order."""
    left = [entry.root for entry in read.entries]
    for each, table in zip(parts, tables, strict=True):
        for entry in left:
            if compare(each.derivative, entry, table).equal:
                left.remove(entry)
                break
        else:
            return None
    names = ", ".join(each.variable for each in parts)
    return Grade(
        correct=False,
        diagnoses=(
            Diagnosis(
                mutation="gradient-order",
                rule="",
                node=-1,
                message=Message(
                    "The entries are right but in another order: they belong to {names}.",
                    names=names,
                ),
            ),
        ),
    )


def _joined(parts: Sequence[Asked], grades: Sequence[Grade]) -> Grade:
    """Of a gradient: right if all entries are, else what is said of those that are not."""
    diagnoses = tuple(
        Diagnosis(
            mutation=found.mutation,
            rule=found.rule,
            node=found.node,
            message=Message(
                "By {variable}: {message}",
                variable=asked.variable,
                message=as_message(found.message),
            ),
        )
        for asked, each in zip(parts, grades, strict=True)
        for found in each.diagnoses
    )
    question = next((each.question for each in grades if each.question), None)
    return Grade(
        correct=all(each.correct for each in grades),
        diagnoses=diagnoses,
        question=question,
        how="exact" if all(each.how == "exact" for each in grades) else "numeric",
    )
