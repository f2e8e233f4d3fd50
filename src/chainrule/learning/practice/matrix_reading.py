"""An answer of vectors and matrices from its text: what shapes settle that text alone leaves open.

`1/2 (A + A^T) x` can only be half of a vector, since nobody divides by one; in `softmax(z, dim=0)`
the axis is the one along which softmax goes anyway if z is a vector.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chainrule.calculus import Formula, FormulaError
from chainrule.calculus.build import multiply, number, substitute
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Call, Node, Product, Quotient, distinct
from chainrule.records.message import Message

from .answers import Answer, AnswerError, read_answer
from .matrix_answers import as_matrix_products, with_transposes
from .matrix_letters import ONES, letters_in, with_letters


def read_matrix_answer(answer: str, names: Mapping[str, Shape]) -> Node:
    """The one formula of an answer, as it was typed; it may have letters of `matrix_letters`.

    Args:
        answer: Such as `2 X^T (X w - y)`, `2*X.T @ (X@w - y)`, LaTeX.
        names: The shape of each name of the question.

    Raises:
        AnswerError: If it cannot be read, is a list, or names an axis along which nothing goes.
    """
    text, axes = _without_axes(answer)
    text = with_letters(_LENGTH.sub(r"‖ \1‖ ", text), names)
    read = _read(with_transposes(text, [*names]), names, letters_in(text, names))
    if len(read.entries) != 1:
        raise AnswerError(
            Message("Expected one formula, found a list of {found}.", found=len(read.entries)),
            answer,
        )
    root = read.entries[0].root
    _check_axes(root, names, axes, answer)
    return root


_LENGTH = re.compile(r"\|\|([^|]+)\|\|")
"""||x||, the length of a vector."""


def as_typed(answer: str, names: Mapping[str, Shape]) -> Formula:
    """The formula of an answer to be shown, with 1 for a vector of ones.

    Args:
        answer: As for `read_matrix_answer`.
        names: As there.

    Raises:
        AnswerError: As there.
    """
    root = read_matrix_answer(answer, names)
    if ONES not in names:
        root = substitute(root, {ONES: number(1)})
    return Formula(text=answer, root=root)


def _read(text: str, names: Mapping[str, Shape], letters: Collection[str]) -> Answer:
    known = [*names, *letters]
    try:
        return read_answer(text, known, count=1)
    except AnswerError as error:
        try:
            read = read_answer(text, known, count=1, behind_quotients=True)
        except AnswerError:
            raise error from None
        if not all(_is_clear(each.root, names) for each in read.entries):
            raise error from None
        return read


def _is_clear(root: Node, names: Mapping[str, Shape]) -> bool:
    """Whether behind each a/b without a sign stands a vector or a matrix, and makes one."""
    for node in distinct(root):
        if not isinstance(node, Product) or node.operators[0] != "":
            continue
        first, second, *_ = node.factors
        if isinstance(first, Quotient) and not first.parentheses:
            rest = (second, multiply(*node.factors[1:]))
            if not all(_is_shaped(each, names) for each in rest):
                return False
    return True


def _is_shaped(root: Node, names: Mapping[str, Shape]) -> bool:
    try:
        return Shapes(names)(as_matrix_products(root, names)) != ()
    except FormulaError:
        return True  # its parts do not fit each other, so they are no numbers


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis that was said: of which function, which, and where."""

    function: str
    axis: int
    place: int


_ALONG_ROWS = ("softmax", "log_softmax", "logsumexp")
"""Functions that go along each row."""

_AXIS = re.compile(r"\s*,\s*(?:dim|axis)\s*=\s*(?P<axis>[-−]?\s*\d+)\s*(?=\))")
_ANY_AXIS = re.compile(r"\b(?:dim|axis|keepdims?)\s*=(?!=)")


def _without_axes(answer: str) -> tuple[str, list[_Axis]]:
    """A text with blanks where an axis of a function along rows was said, and those axes.

    Raises:
        AnswerError: If an axis is said of another function.
    """
    found = []
    text = answer
    for match in _AXIS.finditer(answer):
        opening = _opening(answer, match.start())
        name = re.search(r"\w+\Z", answer[:opening])
        if name is not None and name[0] in _ALONG_ROWS:
            axis = int(match["axis"].replace("−", "-").replace(" ", ""))
            found.append(_Axis(name[0], axis, match.start()))
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    if other := _ANY_AXIS.search(text):
        raise AnswerError(
            Message(
                "Expected an axis only in softmax(z, dim=-1), log_softmax and logsumexp, which go "
                "along rows. For sums along an axis write row_sum(A) or column_sum(A)."
            ),
            answer,
            other.start(),
        )
    return text, found


def _opening(text: str, place: int) -> int:
    """Where the parenthesis was opened that a place stands in; 0 if none was."""
    depth = 0
    for at in range(place - 1, -1, -1):
        depth += (text[at] in ")]") - (text[at] in "([")
        if depth < 0:
            return at
    return 0


def _check_axes(root: Node, names: Mapping[str, Shape], axes: list[_Axis], answer: str) -> None:
    """That each axis is the last one of what the function is taken of.

    Raises:
        AnswerError: If it is another.
    """
    if not axes:
        return
    try:
        shaped = as_matrix_products(root, names)
        shapes = Shapes(names)
        most = max(
            len(shapes(each.arguments[0]))
            for each in distinct(shaped)
            if isinstance(each, Call) and each.function in _ALONG_ROWS
        )
    except FormulaError:
        return  # its parts do not fit, which is said of the answer
    for each in axes:
        if each.axis not in (-1, most - 1):
            raise AnswerError(
                Message(
                    "Expected {function} along the last axis, dim={last}, found dim={axis}: it "
                    "goes along each row. For columns transpose first, as in softmax(A^T)^T.",
                    function=each.function,
                    last=most - 1,
                    axis=each.axis,
                ),
                answer,
                each.place,
            )
