"""What is true of a wrong answer of vectors or matrices in itself: which other thing it is.

It may be the derivative by a part on the way, the slope of the outermost function alone, what a sum
is taken of, the second derivative, or of another shape than the derivative.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, Formula, FormulaError
from chainrule.calculus.build import template
from chainrule.calculus.matrix import MatrixEvaluation, Quantity, derive_matrix, mathematics
from chainrule.calculus.matrix.fit import Shape, shape_text
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Call
from chainrule.records.exercise import Diagnosis
from chainrule.records.message import Message

from .cause import Cause
from .matrix_asked import MatrixAsked, derivative_at
from .matrix_values import same
from .whole_mistakes import ALL_VARIABLES, NOT_DIFFERENTIATED, OTHER_VARIABLE, TWICE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

    OnTheWay = list[tuple[Quantity, list[Values]]]

_REDUCTIONS = frozenset({"sum", "mean", "trace"})
"""Functions that take together what a learner may leave as it stands."""

_OUTER = {
    "norm": ("1/(2*Y)", Message("the sum of squares")),
    "logsumexp": ("1/exp(Y)", Message("the sum of exponentials")),
    "logdet": ("1/exp(Y)", Message("the determinant")),
}
"""Functions of a number that is made of all entries: their slope by it, Y being their value, and
what it is."""


def facts(asked: MatrixAsked, on_the_way: "OnTheWay") -> "Iterator[tuple[Cause, list[Values]]]":
    """What a wrong answer may be, with its values; the derivatives by parts on the way first.

    Args:
        asked: What is asked.
        on_the_way: The derivatives by those parts.
    """
    derivation = asked.derivation
    shapes = Shapes(derivation.names)
    for quantity, values in on_the_way:
        message = Message(
            "That is the derivative by `{part}`, a part on the way. It still has to be taken back "
            "to {variable}.",
            part=mathematics(quantity.node, shapes),
            variable=derivation.variable,
        )
        yield _cause("matrix-stopped-early", message), values
    yield from _summed(asked, on_the_way)
    yield from _outer_slopes(asked, on_the_way)
    yield from _not_taken_together(asked)
    twice = _twice(asked)
    if twice is not None:
        # it is no gradient by its shape, and no other answer of that shape is told as much
        yield _cause("gradient-shape", Message(TWICE.message)), twice


def _summed(asked: MatrixAsked, on_the_way: "OnTheWay") -> "Iterator[tuple[Cause, list[Values]]]":
    """Of the sum or mean of functions: that of their slopes, which is a number."""
    root = asked.derivation.formula.root
    if not isinstance(root, Call) or root.function not in _REDUCTIONS or not asked.shape:
        return
    shapes = Shapes(asked.derivation.names)
    for quantity, values in on_the_way:
        if quantity.shape and quantity.node is not root.arguments[0]:
            message = Message(
                "That adds up the derivatives by the entries of `{part}`. Each of them still has "
                "to be taken back to {variable}.",
                part=mathematics(quantity.node, shapes),
                variable=asked.derivation.variable,
            )
            total = [np.broadcast_to(each, quantity.shape).sum() for each in values]
            yield _cause("matrix-stopped-early", message), [np.asarray(each) for each in total]


def _outer_slopes(
    asked: MatrixAsked, on_the_way: "OnTheWay"
) -> "Iterator[tuple[Cause, list[Values]]]":
    shapes = Shapes(asked.derivation.names)
    for quantity, values in on_the_way:
        node = quantity.node
        if not isinstance(node, Call) or node.function not in _OUTER or quantity.shape:
            continue
        if len(node.arguments) > 1:
            continue
        slope, inside = _OUTER[node.function]
        message = Message(
            "That is the slope of {part} by {inside} in it. That moves with {variable} as well, "
            "and its derivative is a factor.",
            part=mathematics(node, shapes),
            inside=inside,
            variable=asked.derivation.variable,
        )
        outer = template(slope, {"Y": node})
        found = [
            value * MatrixEvaluation(point)(outer)
            for value, point in zip(values, asked.points, strict=True)
        ]
        yield _cause("chain-inner-lost", message), found


def _not_taken_together(asked: MatrixAsked) -> "Iterator[tuple[Cause, list[Values]]]":
    root = asked.derivation.formula.root
    if not isinstance(root, Call) or root.function not in _REDUCTIONS:
        return
    message = Message(
        "That is what the {function} is taken of: it has not been differentiated.",
        function=root.function,
    )
    inside = [MatrixEvaluation(point)(root.arguments[0]) for point in asked.points]
    yield _cause(NOT_DIFFERENTIATED.id, message), inside


def _twice(asked: MatrixAsked) -> "list[Values] | None":
    """The second derivatives by a vector; None where there are none, or they are 0."""
    derivation = asked.derivation
    if not derivation.is_number or len(asked.shape) != 1:
        return None
    try:
        gradient = Formula(text="", root=derivation.gradient)
        again = derive_matrix(gradient, derivation.variable, derivation.names)
        found = [derivative_at(again, point) for point in asked.points]
    except (DomainError, FormulaError, ValueError):
        return None
    return found if all(map(np.any, found)) else None


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)


def derivative_by(other: str, asked: MatrixAsked) -> "list[Values] | None":
    """The derivative by another name at the points of what is asked; None if it has none.

    Args:
        other: The name.
        asked: What is asked.
    """
    try:
        by_other = derive_matrix(asked.derivation.formula, other, asked.derivation.names)
        return [derivative_at(by_other, point) for point in asked.points]
    except (DomainError, FormulaError):
        return None


def other_names(
    values: "list[Values]",
    asked: MatrixAsked,
    by_name: "Callable[[str], list[Values] | None]",
) -> Iterator[Cause]:
    """That an answer is the derivative by another name, a gradient or a Jacobian.

    Args:
        values: Of the answer.
        asked: What is asked.
        by_name: The derivative by each other name.
    """
    derivation = asked.derivation
    total: list[Values] = [*asked.right]
    for other, shape in derivation.names.items():
        by_shape = shape if derivation.is_number else derivation.shape + shape
        if other == derivation.variable or by_shape != values[0].shape:
            continue
        found = by_name(other)
        if found is None:
            continue
        if same(values, found):
            yield _filled_other(other, derivation.variable)
        if shape != derivation.variable_shape:
            continue
        total = [one + more for one, more in zip(total, found, strict=True)]
        if same(values, total) and all(map(np.any, total)):  # 0 says nothing
            message = Message(ALL_VARIABLES.message, variable=derivation.variable)
            yield _cause(ALL_VARIABLES.id, message)


def _filled_other(other: str, variable: str) -> Cause:
    message = Message(OTHER_VARIABLE.message, other=other, variable=variable)
    return _cause(OTHER_VARIABLE.id, message)


def of_shape(found: Shape, asked: MatrixAsked) -> Diagnosis | None:
    """That a shape is another than that of the derivative; None if it is the same."""
    if found == asked.shape:
        return None
    fields = {
        "found": shape_text(found),
        "expected": shape_text(asked.shape),
        "variable": asked.derivation.variable,
    }
    message = (
        Message(
            "Your answer is {found}, but what is asked for is {expected}: a gradient has the shape "
            "of {variable}.",
            **fields,
        )
        if asked.derivation.is_number
        else Message(
            "Your answer is {found}, but what is asked for is {expected}: a Jacobian has the axes "
            "of the result first, then those of {variable}.",
            **fields,
        )
    )
    return Diagnosis(mutation="gradient-shape", rule="", node=-1, message=message)


def misfit(reason: str) -> Diagnosis:
    """That the parts of an answer do not fit each other."""
    return Diagnosis(
        mutation="matrix-misfit",
        rule="",
        node=-1,
        message=Message(
            "The parts of your answer do not fit: {reason} Look for a transpose or another order.",
            reason=reason if reason.endswith(".") else f"{reason}.",
        ),
    )
