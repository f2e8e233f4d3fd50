"""Grades of gradients by vectors and matrices: ∂L/∂w = 2Xᵀ(Xw − y), and Jacobians of vectors.

An answer is compared with the derivative at random values, its products read as those of matrices
and, if that is not right, entry by entry.
"""

from collections.abc import Callable, Mapping, Sequence

from chainrule.calculus import FormulaError
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import Node, Number, Product, distinct
from chainrule.records.exercise import Grade
from chainrule.records.message import Message, joined

from .border_points import OTHER_BORDERS, matrix_has_other_borders
from .choice_of_mistakes import graded_by_choice
from .layouts import as_row
from .matrix_asked import MatrixAsked, read_matrix
from .matrix_facts import misfit, of_shape
from .matrix_letters import Settled, settled
from .matrix_mistakes import MatrixSearch
from .matrix_reading import read_matrix_answer
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
    read = read_matrix_answer(answer, asked.derivation.names)
    variants = Variants(asked)
    reading = _likeliest([_Reading(each, variants) for each in settled(read, asked, answer)])
    right, typed = reading.right, reading.settled.root
    readings, reason = reading.readings, reading.reason
    if right is not None and matrix_has_other_borders(asked, right):
        return Grade(correct=False, diagnoses=(OTHER_BORDERS,))
    if right is not None:
        return Grade(correct=True, note=_note(right, reading.settled.sizes, asked, variants))
    if len(readings) > 1 and variants.shape(readings[1]) == asked.shape:
        # where both have the shape of the gradient, a star between columns is meant entry by entry
        readings[:2] = readings[1::-1]
    search = MatrixSearch(asked, typed, variants)
    fitting = [each for each in readings if variants.shape(each) == asked.shape]
    others = [each for each in readings if fitting and each not in fitting]
    meant = fitting or readings or [typed]  # what has the shape of the derivative was meant
    # one mistake in any reading before two in one
    for explanations, roots in (
        (search.explanations, meant),
        (search.of_another_name, others),
        (search.pairs, meant),
    ):
        for root in roots:
            if found := explanations(root):
                return graded_by_choice(found, reply)
    if not readings:
        return Grade(correct=False, diagnoses=(misfit(reason),))
    unlike = of_shape(Shapes(asked.derivation.names)(readings[0]), asked)
    return Grade(correct=False, diagnoses=() if unlike is None else (unlike,))


class _Reading:
    """What an answer can mean whose letters have a meaning.

    Args:
        settled: The answer.
        variants: Where it is compared.

    Attributes:
        settled: The answer.
        readings: What its products can mean, what has the shape asked for first.
        reason: Why one of them has no value.
        fits: Whether one of them has the shape asked for.
        right: The one that is right, or None.
    """

    def __init__(self, settled: Settled, variants: Variants) -> None:
        self.settled = settled
        typed = settled.root
        self.readings, self.reason = _readings(
            typed, variants, (*variants.readers, lambda root: root)
        )
        # of -t*(1 - softmax(z)) the dot product is a number, and entry by entry it is a vector
        self.readings.sort(key=lambda each: not variants.is_of_shape(each))
        self.fits = bool(self.readings) and variants.is_of_shape(self.readings[0])
        self.right = _right(self.readings, variants)
        if self.right is None and _is_mixed(typed):
            further = _readings(typed, variants, variants.turned_readers)[0]
            self.right = _right([each for each in further if each not in self.readings], variants)
        if self.right is None and _has_neighbours(typed):
            self.right = _right(_readings(typed, variants, (variants.beside_reader,))[0], variants)


def _likeliest(meant: Sequence[_Reading]) -> _Reading:
    """What is right, else what has the shape asked for, else what has one at all."""
    return min(meant, key=lambda each: (each.right is None, not each.fits, not each.readings))


def _right(readings: Sequence[Node], variants: Variants) -> Node | None:
    return next((each for each in readings if variants.is_right_where_it_exists(each)), None)


def _is_mixed(typed: Node) -> bool:
    """Whether three factors or more stand side by side, of which some may be meant by entries."""
    return any(
        isinstance(each, Product) and len(each.operators) > 1 and {"⊙", "*"} & {*each.operators}
        for each in distinct(typed)
    )


def _has_neighbours(typed: Node) -> bool:
    """Whether two factors stand side by side that are no numbers, as in s (1 - s)."""
    return any(
        isinstance(each, Product)
        and any(
            sign == "" and not isinstance(left, Number)
            for left, sign in zip(each.factors, each.operators, strict=False)
        )
        for each in distinct(typed)
    )


def _note(right: Node, sizes: Sequence[str], asked: MatrixAsked, variants: Variants) -> str | None:
    """What is said of a right answer: how it was read, and in which layout it is right."""
    said = [as_row(asked.derivation.variable)] if variants.is_row(right) else []
    said += [
        Message("`{letter}` was read as the size of what the mean is taken of.", letter=each)
        for each in sizes
    ]
    beside = variants.beside_reader.parentheses(right)
    if beside:
        said.append(
            Message(
                "Read as `{read}`: two columns side by side are no product of matrices, so write ⊙ "
                "or * where entries are multiplied.",
                read=", ".join(dict.fromkeys(beside)),
            )
        )
    read = variants.parentheses(right)
    if read:
        said.append(
            Message(
                "Read as `{read}`: which of the two kinds of product goes first is not the same in "
                "all books and programs, so write the parentheses.",
                read=", ".join(dict.fromkeys(read)),
            )
        )
    return joined(said) if said else None


def _readings(
    root: Node, variants: Variants, ways: Sequence[Callable[[Node], Node]]
) -> tuple[list[Node], str]:
    """What an answer may mean, each meaning once, and why the first that has no value has none."""
    found: list[Node] = []
    reason = ""
    for way in ways:
        try:
            made = way(root)
            variants.check(made)
            if made not in found:  # without a star both ways are one
                found.append(made)
        except FormulaError as error:
            reason = reason or error.reason
    return found, reason
