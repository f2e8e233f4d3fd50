"""Grades of Jacobians: a row for each result, a column for each variable, entry by entry."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from chainrule.calculus import FormulaError, write
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import Array, Name, Node, walk
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, as_message

from .answers import AnswerError, read_answer
from .layouts import TRANSPOSED_JACOBIAN
from .spelling_of_lists import with_rows_bracketed

GradeOne = Callable[[str, str, str], Grade]
"""Grades one derivative: the formula, by what, the answer."""

IsRight = Callable[[str, str, str], bool]
"""Only whether it is right, which takes a tenth of the time: nothing is looked for."""


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
    entries = _Entries(results, variables, grade_one, is_right)
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
    for other in (rows[::-1], [row[::-1] for row in rows]):
        if entries.are_right(other):
            return _in_other_order(variables)
    return entries.graded(rows)


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
            if variable in _names(result):
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


class _Entries:
    """The entries of a Jacobian; whether one is right is looked at once."""

    def __init__(
        self,
        results: Sequence[Node],
        variables: Sequence[str],
        grade_one: GradeOne,
        is_right: IsRight,
    ) -> None:
        self._results = results
        self._variables = variables
        self._grade_one = grade_one
        self._is_right = is_right
        self._known: dict[tuple[int, str, int], bool] = {}

    def are_right(self, rows: Sequence[Sequence[Node]]) -> bool:
        """Whether all are; the first that is not ends it."""
        return all(self._one(i, variable, entry) for i, variable, entry in self._each(rows))

    def graded(self, rows: Sequence[Sequence[Node]]) -> Grade:
        """The grade of wrong rows, with what is said of each entry that is not right."""
        diagnoses: list[Diagnosis] = []
        questions: list[str] = []
        for i, variable, entry in self._each(rows):
            if self._one(i, variable, entry):
                continue
            found = self._explained(self._results[i], variable, entry)
            questions += [found.question] if found.question else []
            diagnoses += [_in_row(each, i + 1, variable) for each in found.diagnoses]
        return Grade(
            correct=False,
            diagnoses=tuple(diagnoses),
            question=questions[0] if questions else None,
        )

    def _each(self, rows: Sequence[Sequence[Node]]) -> Iterator[tuple[int, str, Node]]:
        for i, row in enumerate(rows):
            for variable, entry in zip(self._variables, row, strict=True):
                yield i, variable, entry

    def _one(self, i: int, variable: str, entry: Node) -> bool:
        key = (i, variable, id(entry))
        if key not in self._known:
            result = self._results[i]
            self._known[key] = (
                not _strange(result, entry)
                and self._is_right(write(result), variable, write(entry))
                if variable in _names(result)
                else write(entry) == "0"
            )
        return self._known[key]

    def _explained(self, result: Node, variable: str, entry: Node) -> Grade:
        if variable not in _names(result):
            return _NOT_ZERO
        # names of other rows belong to no answer here, but an entry may hold them by mistake
        if _strange(result, entry):
            return Grade(correct=False)
        return self._grade_one(write(result), variable, write(entry))


def _in_row(found: Diagnosis, row: int, variable: str) -> Diagnosis:
    message = Message(
        "Row {row}, by {variable}: {message}",
        row=row,
        variable=variable,
        message=as_message(found.message),
    )
    return replace(found, node=-1, message=message)


def _names(root: Node) -> set[str]:
    return {each.name for each in walk(root) if isinstance(each, Name)}


def _strange(result: Node, entry: Node) -> bool:
    """Whether an entry holds a name that its result does not."""
    return bool(_names(entry) - _names(result))


_NOT_ZERO = Grade(
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
