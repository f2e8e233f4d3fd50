"""Grades of Jacobians: a row for each result, a column for each variable, entry by entry."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.calculus import FormulaError, write
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import Array, Name, Node, walk
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, as_message

from .answers import AnswerError, read_answer

GradeOne = Callable[[str, str, str], Grade]
"""Grades one derivative: the formula, by what, the answer."""


def grade_jacobian(problem: Problem, wrt: str, answer: str, grade_one: GradeOne) -> Grade:
    """Grade an answer to "what is the Jacobian of these formulas".

    Args:
        problem: A list of formulas, such as `[x^2 y, 5x + sin y]`.
        wrt: By which variables, with commas; all of them in their order if empty.
        answer: Rows in brackets: `[[2x y, x^2], [5, cos y]]`.
        grade_one: Of one entry.

    Raises:
        FormulaError: If there is no such variable, or a formula cannot be graded.
        AnswerError: If the answer cannot be read, or has other rows and columns.
    """
    assert isinstance(problem.formula.root, Array)
    results = problem.formula.root.entries
    names = problem.names
    variables = tuple(part.strip() for part in wrt.split(",") if part.strip()) or names
    strange = [each for each in variables if each not in names]
    if strange:
        raise FormulaError(
            Message(
                "Expected variables of the formula, found {found!r}; it has {names}.",
                found=strange[0],
                names=", ".join(names),
            ),
            problem.text,
        )
    rows = _rows(answer, names)
    if not _fits(rows, len(results), len(variables)):
        if (
            _fits(rows, len(variables), len(results))
            and _graded(results, variables, _turned(rows), grade_one).correct
        ):
            return _TRANSPOSED
        raise AnswerError(
            Message(
                "Expected {rows} rows of {columns}, one row for each formula, found {found} rows: "
                "write them as [[a, b], [c, d]].",
                rows=len(results),
                columns=len(variables),
                found=len(rows),
            ),
            answer,
        )
    found = _graded(results, variables, rows, grade_one)
    square = len(results) == len(variables)
    if not found.correct and square:
        turned = _graded(results, variables, _turned(rows), grade_one)
        if turned.correct:
            return _TRANSPOSED
    if not found.correct and (order := _in_other_order(results, variables, rows, grade_one)):
        return order
    return found


def _in_other_order(
    results: Sequence[Node],
    variables: Sequence[str],
    rows: Sequence[Sequence[Node]],
    grade_one: GradeOne,
) -> Grade | None:
    """Of entries that are right but for the order of rows or that of columns; None of others."""
    for other in ([*rows][::-1], [row[::-1] for row in rows]):
        if other != [*rows] and _graded(results, variables, other, grade_one).correct:
            message = Message(
                "The entries are right but in another order: a row for each formula, and in it a "
                "column for each of {names}.",
                names=", ".join(variables),
            )
            found = Diagnosis(mutation="gradient-order", rule="", node=-1, message=message)
            return Grade(correct=False, diagnoses=(found,))
    return None


_TRANSPOSED = Grade(
    correct=False,
    diagnoses=(
        Diagnosis(
            mutation="jacobian-transposed",
            rule="",
            node=-1,
            message=Message(
                "That is the transpose: a row belongs to a result, a column to a variable."
            ),
        ),
    ),
)


def _rows(answer: str, names: Sequence[str]) -> list[tuple[Node, ...]]:
    read = read_answer(_in_brackets(answer), names)
    roots = [each.root for each in read.entries]
    if any(isinstance(each, Array) for each in roots):
        return [each.entries if isinstance(each, Array) else (each,) for each in roots]
    return [tuple(roots)]


_MATRIX = re.compile(r"\s*\\begin\{([bpvB]?matrix)\}(.*)\\end\{\1\}\s*", re.DOTALL)


def _in_brackets(answer: str) -> str:
    r"""Rows in parentheses, or as a matrix of LaTeX, in brackets; anything else as it is."""
    if found := _MATRIX.fullmatch(answer):
        rows = [row.split("&") for row in found[2].split("\\\\") if row.strip()]
        return "[" + ", ".join(f"[{', '.join(map(str.strip, row))}]" for row in rows) + "]"
    signs, opened = [*answer], list[int]()
    commas: set[int] = set()
    for place, sign in enumerate(answer):
        if sign in "([":
            opened.append(place)
        elif sign == "," and opened:
            commas.add(opened[-1])
        elif sign in ")]" and opened:
            start = opened.pop()
            of_function = answer[:start].rstrip()[-1:].isalnum()
            if start in commas and sign == ")" and not of_function:
                signs[start], signs[place] = "[", "]"
                commas |= {*opened[-1:]}  # a list of rows is a list
    text = "".join(signs).strip()
    return f"[{text}]" if re.fullmatch(r"\[[^\[\]]*\](\s*,\s*\[[^\[\]]*\])+", text) else text


def _fits(rows: Sequence[Sequence[Node]], count: int, width: int) -> bool:
    return len(rows) == count and all(len(each) == width for each in rows)


def _turned(rows: Sequence[Sequence[Node]]) -> list[tuple[Node, ...]]:
    return [*zip(*rows, strict=True)]


def _graded(
    results: Sequence[Node],
    variables: Sequence[str],
    rows: Sequence[Sequence[Node]],
    grade_one: GradeOne,
) -> Grade:
    correct, diagnoses, questions = True, [], []
    for i, (result, row) in enumerate(zip(results, rows, strict=True), 1):
        for variable, entry in zip(variables, row, strict=True):
            found = _entry(result, variable, entry, grade_one)
            correct = correct and found.correct
            questions += [found.question] if found.question else []
            diagnoses += [
                replace(
                    each,
                    node=-1,
                    message=Message(
                        "Row {row}, by {variable}: {message}",
                        row=i,
                        variable=variable,
                        message=as_message(each.message),
                    ),
                )
                for each in found.diagnoses
            ]
    return Grade(
        correct=correct, diagnoses=tuple(diagnoses), question=questions[0] if questions else None
    )


def _entry(result: Node, variable: str, entry: Node, grade_one: GradeOne) -> Grade:
    names = {each.name for each in walk(result) if isinstance(each, Name)}
    if variable in names:
        # names of other rows belong to no answer here, but an entry may hold them by mistake
        strange = {each.name for each in walk(entry) if isinstance(each, Name)} - names
        if strange:
            return Grade(correct=False)
        return grade_one(write(result), variable, write(entry))
    if write(entry) == "0":
        return Grade(correct=True)
    return Grade(
        correct=False,
        diagnoses=(
            Diagnosis(
                mutation="entry-not-zero",
                rule="",
                node=-1,
                message=Message("This result does not hold the variable: its entry is 0."),
            ),
        ),
    )
