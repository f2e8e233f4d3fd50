"""The entries of an answered Jacobian, each the derivative of one formula by one variable."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from chainrule.calculus import write
from chainrule.calculus.build import add, multiply, name, number
from chainrule.calculus.tree import Name, Node, Number, walk
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, as_message

from .slips import OF_SLIPS

GradeOne = Callable[[str, str, str], Grade]
"""Grades one derivative: the formula, by what, the answer."""

IsRight = Callable[[str, str, str], bool]
"""Only whether it is right, which takes a tenth of the time: nothing is looked for."""

Rows = Sequence[Sequence[Node]]
"""A row for each formula, in it an entry for each variable."""


class Entries:
    """The entries of a Jacobian; whether one is right is looked at once.

    Args:
        results: The formulas.
        variables: By which they are differentiated.
        grade_one: Of one entry.
        is_right: Of one entry.
    """

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

    def are_right(self, rows: Rows) -> bool:
        """Whether all are; the first that is not ends it."""
        return all(self._one(i, variable, entry) for i, variable, entry in self._each(rows))

    def are_right_in_another_order(self, rows: Rows) -> bool:
        """Whether all are, but rows or columns stand in another order."""
        by_formula = [[self._is_row(i, row) for i in range(len(rows))] for row in rows]
        columns = [*zip(*rows, strict=True)]
        by_variable = [
            [self._is_column(k, column) for k in range(len(columns))] for column in columns
        ]
        return _is_an_order(by_formula) or _is_an_order(by_variable)

    def _is_row(self, i: int, row: Sequence[Node]) -> bool:
        pairs = zip(self._variables, row, strict=True)
        return all(self._one(i, variable, entry) for variable, entry in pairs)

    def _is_column(self, k: int, column: Sequence[Node]) -> bool:
        return all(self._one(i, self._variables[k], entry) for i, entry in enumerate(column))

    def but_one(self, turned: Rows, rows: Rows) -> tuple[int, str, Node] | None:
        """The one entry that is wrong in the transpose of what was typed; None if that says little.

        A number, or one entry, may stand in the place of its mirror image by chance.

        Args:
            turned: The transpose.
            rows: As they were typed.
        """
        wrong = self._wrong(turned)
        kept = {(i, variable) for i, variable, _ in self._each(rows)} - {
            (i, variable) for i, variable, _ in self._wrong(rows)
        }
        shown = [
            entry
            for i, variable, entry in self._each(turned)
            if (i, variable) not in kept and names_in(entry) and self._one(i, variable, entry)
        ]
        return wrong[0] if len(wrong) == 1 and len(shown) >= LEAST_SHOWN else None

    def _wrong(self, rows: Rows) -> list[tuple[int, str, Node]]:
        return [each for each in self._each(rows) if not self._one(*each)]

    def graded(self, rows: Rows) -> Grade:
        """The grade of wrong rows, with what is said of each entry that is not right."""
        diagnoses: list[Diagnosis] = []
        questions: list[str] = []
        for i, variable, entry in self._wrong(rows):
            found = self.explained(i, variable, entry)
            questions += [found.question] if found.question else []
            diagnoses += [_in_row(each, i + 1, variable) for each in found.diagnoses]
        said = {each.mutation for each in diagnoses}
        lost = self._factor_lost(rows) if said <= OF_SLIPS | {"multiple-lost"} else None
        if lost is not None:
            return Grade(correct=False, diagnoses=(lost,))
        return Grade(
            correct=False,
            diagnoses=tuple(diagnoses),
            question=questions[0] if questions else None,
        )

    def _each(self, rows: Rows) -> Iterator[tuple[int, str, Node]]:
        for i, row in enumerate(rows):
            for variable, entry in zip(self._variables, row, strict=True):
                yield i, variable, entry

    def _one(self, i: int, variable: str, entry: Node) -> bool:
        key = (i, variable, id(entry))
        if key not in self._known:
            result = self._results[i]
            held = variable not in names_in(result)
            self._known[key] = (held and write(entry) == "0") or self._is_derivative(
                # of what does not hold t: 0 in any form is the derivative of u + 0 t
                add(result, multiply(number(0), name(variable))) if held else result,
                variable,
                entry,
            )
        return self._known[key]

    def _is_derivative(self, result: Node, variable: str, entry: Node) -> bool:
        return not _strange(result, entry) and self._is_right(write(result), variable, write(entry))

    def _factor_lost(self, rows: Rows) -> Diagnosis | None:
        """The one factor of the formulas that several entries lack, and nothing else.

        What is a slip in one entry is none in several.
        """
        wrong = self._wrong(rows)
        parts = (each for result in self._results for each in walk(result))
        factors = {write(each): each for each in parts if _is_factor(each)}
        for text, factor in factors.items() if len(wrong) > 1 else ():
            if all(self._is_times(factor, *each) for each in wrong):
                message = Message(
                    "The factor {factor} is missing in {count} entries.",
                    factor=text,
                    count=len(wrong),
                )
                return Diagnosis(mutation="multiple-lost", rule="", node=-1, message=message)
        return None

    def _is_times(self, factor: Node, i: int, variable: str, entry: Node) -> bool:
        """Whether an entry is right with a factor more."""
        result = self._results[i]
        longer = multiply(factor, entry)
        return variable in names_in(result) and self._is_derivative(result, variable, longer)

    def explained(self, i: int, variable: str, entry: Node) -> Grade:
        """What is said of one entry that is wrong."""
        result = self._results[i]
        if variable not in names_in(result):
            # u is the derivative of t·u by t
            kept = self._is_derivative(multiply(name(variable), result), variable, entry)
            return _HELD_KEPT if kept else _NOT_ZERO
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


def names_in(root: Node) -> set[str]:
    """The names that stand in an expression."""
    return {each.name for each in walk(root) if isinstance(each, Name)}


def _strange(result: Node, entry: Node) -> bool:
    """Whether an entry holds a name that its result does not."""
    return bool(names_in(entry) - names_in(result))


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

_HELD_KEPT = Grade(
    correct=False,
    diagnoses=(
        Diagnosis(
            mutation="held-kept",
            rule="",
            node=-1,
            message=Message(
                "This result does not hold the variable, and was left standing: it does not move, "
                "so its entry is 0."
            ),
        ),
    ),
)


def _is_an_order(fitting: Sequence[Sequence[bool]]) -> bool:
    """Whether each has a place of its own in which it fits."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    return bool((maximum_bipartite_matching(csr_matrix(fitting)) >= 0).all())


def _is_factor(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Number) and node.value not in (0, 1))


LEAST_SHOWN = 2
"""Entries with a letter in them that fit the transpose alone: more than one is no chance."""
