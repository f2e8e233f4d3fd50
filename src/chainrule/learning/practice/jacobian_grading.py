"""Grades of Jacobians: a row for each result, a column for each variable, entry by entry."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.calculus import FormulaError, write
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import Array, Node
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, as_message, joined

from .answers import AnswerError, read_answer
from .jacobian_entries import Entries, GradeOne, IsRight, names_in
from .layouts import TRANSPOSED_JACOBIAN
from .spelling_of_lists import with_rows_bracketed


def grade_jacobian(
    problem: Problem, wrt: str, answer: str, grade_one: GradeOne, is_right: IsRight
) -> Grade:
    """Grade an answer to "what is the Jacobian of these formulas".

    Args:
        problem: A list of formulas, such as `[x^2 y, 5x + sin y]`.
        wrt: By which variables, with commas; all of them in their order if empty.
        answer: Rows in brackets: `[[2x y, x^2], [5, cos y]]`.
        grade_one: Of one entry.
        is_right: Of one entry.

    Raises:
        FormulaError: If there is no such variable, or a formula cannot be graded.
        AnswerError: If the answer cannot be read, or has other rows and columns.
    """
    results, variables = _axes(problem, wrt)
    rows = _rows(answer, problem.names)
    entries = Entries(results, variables, grade_one, is_right)
    turned = [*zip(*rows, strict=True)] if len({*map(len, rows)}) == 1 else []
    if not _fits(rows, len(results), len(variables)):
        if _fits(turned, len(results), len(variables)) and entries.are_right(turned):
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
    if entries.are_right(rows):
        return Grade(correct=True)
    if _fits(turned, len(results), len(variables)) and entries.are_right(turned):
        return _TRANSPOSED
    if entries.are_right_in_another_order(rows):
        return _in_other_order(variables)
    besides = entries.but_one(turned, rows) if _fits(turned, len(results), len(variables)) else None
    return entries.graded(rows) if besides is None else _transposed_but_one(entries, *besides)


def _transposed_but_one(entries: Entries, i: int, variable: str, entry: Node) -> Grade:
    """The transpose, in which one entry is wrong as well."""
    found = entries.explained(i, variable, entry)
    (turned,) = _TRANSPOSED.diagnoses
    but = Message(
        "But for one entry, the derivative of formula {number} by {variable}.",
        number=i + 1,
        variable=variable,
    )
    message = joined([as_message(turned.message), but])
    diagnoses = (replace(turned, message=message), *found.diagnoses)
    return Grade(correct=False, diagnoses=diagnoses, question=found.question)


def entries_of(problem: Problem, wrt: str) -> Iterator[tuple[str, str]]:
    """The formula of each entry that is not 0, and by what it is differentiated.

    Args:
        problem: A list of formulas.
        wrt: As for `grade_jacobian`.

    Raises:
        FormulaError: If there is no such variable.
    """
    results, variables = _axes(problem, wrt)
    for result in results:
        for variable in variables:
            if variable in names_in(result):
                yield write(result), variable


def _axes(problem: Problem, wrt: str) -> tuple[Sequence[Node], Sequence[str]]:
    """What is differentiated, and by which variables."""
    assert isinstance(problem.formula.root, Array)
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
    return problem.formula.root.entries, variables


def _in_other_order(variables: Sequence[str]) -> Grade:
    message = Message(
        "The entries are right but in another order: a row for each formula, and in it a column "
        "for each of {names}.",
        names=", ".join(variables),
    )
    found = Diagnosis(mutation="gradient-order", rule="", node=-1, message=message)
    return Grade(correct=False, diagnoses=(found,))


_TRANSPOSED = Grade(
    correct=False,
    diagnoses=(
        Diagnosis(
            mutation="jacobian-transposed",
            rule="",
            node=-1,
            message=TRANSPOSED_JACOBIAN,
        ),
    ),
)


def _rows(answer: str, names: Sequence[str]) -> list[tuple[Node, ...]]:
    read = read_answer(_in_brackets(with_rows_bracketed(answer)), names)
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
