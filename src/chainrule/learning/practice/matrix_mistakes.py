"""What people get wrong with derivatives by vectors and matrices, and what gives an answer.

A transpose, the order of factors, a number, a step too few, a matrix taken for symmetric: each is
looked for by editing the answer until it is right, or by the values that it leads to. Slips are
weighed against them, and two mistakes are looked for where neither one nor a slip gives the answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import call
from chainrule.calculus.matrix import derive_matrix, mathematics
from chainrule.calculus.matrix.fit import Shape, shape_text
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Call, MatrixProduct, Name, Node, distinct, walk
from chainrule.records.exercise import Diagnosis
from chainrule.records.message import Message

from .explanations import Explanation, ranked, together, with_slip
from .matrix_asked import MatrixAsked, derivative_at, on_the_way
from .matrix_edits import moved, turned, turned_together, unturned
from .matrix_slips import matrix_slip
from .matrix_values import Variants, same, with_part
from .matrix_workings import TWO_LOST, wrong_gradients
from .whole_mistakes import NOT_DIFFERENTIATED, OTHER_VARIABLE
from .workings import Cause, Causes, weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def matrix_explanations(root: Node, asked: MatrixAsked, typed: Node) -> tuple[Explanation, ...]:
    """What gives a wrong answer: one mistake or one slip, else two mistakes.

    Args:
        root: The answer; its parts need not fit each other.
        asked: What is asked.
        typed: The answer before it was read what its products mean.
    """
    if not any(isinstance(each, Name) for each in distinct(root)):
        return ()  # a number may be anything
    variants = Variants(asked)
    symmetric = _if_symmetric(asked)
    found = [_explanation(each) for each in _singles(root, typed, asked, variants, symmetric)]
    possible = _possible(root, asked)
    if not found or found[0].causes[0].mutation.id == "symmetric-assumed":
        of_rules = [*wrong_gradients(asked)]
        possible += sum(cause.likelihood for cause, _ in of_rules)
        values = variants.values(root)
        if values is not None:
            found += [_explanation((cause,)) for cause, made in of_rules if same(values, made)]
            found += [_explanation((cause,)) for cause in _other_names(values, asked)]
    if not found and any(map(variants.reads_right, turned_together(typed))):
        found = [_explanation((_MISSING,))]
    slip = matrix_slip(root, typed, asked, variants)
    if slip is not None:
        found = with_slip(found, slip, slip.probability * possible)
    if found:
        return ranked(found)
    pairs = (_explanation(each) for each in _pairs(root, typed, asked, variants, symmetric))
    return ranked([each for each in pairs if together(each.causes)])


def _explanation(causes: Causes) -> Explanation:
    return Explanation(causes=causes, weight=weight(causes))


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)


def _singles(
    root: Node,
    typed: Node,
    asked: MatrixAsked,
    variants: Variants,
    symmetric: "tuple[MatrixAsked, Cause] | None",
) -> Iterator[Causes]:
    for factor, cause in _FACTORS:
        if variants.is_right(root, factor):
            yield (cause,)
    yield from ((cause,) for cause in _others(root, typed, asked, variants, symmetric, 1.0))


def _pairs(
    root: Node,
    typed: Node,
    asked: MatrixAsked,
    variants: Variants,
    symmetric: "tuple[MatrixAsked, Cause] | None",
) -> Iterator[Causes]:
    (_, sign), *numbers = _FACTORS
    for factor, cause in numbers:
        if variants.is_right(root, -factor):
            yield cause, sign
    for factor, cause in _FACTORS:
        for other in _others(root, typed, asked, variants, symmetric, factor):
            yield other, cause


def _other_names(values: "list[Values]", asked: MatrixAsked) -> Iterator[Cause]:
    """That it is the derivative by another name, which has to have the shape of the answer."""
    derivation = asked.derivation
    for other, shape in derivation.names.items():
        if other == derivation.variable or shape != values[0].shape or not derivation.is_number:
            continue
        try:
            by_other = derive_matrix(derivation.formula, other, derivation.names)
            if same(values, [derivative_at(by_other, point) for point in asked.points]):
                yield _filled_other(other, derivation.variable)
        except (DomainError, FormulaError):
            continue


def _filled_other(other: str, variable: str) -> Cause:
    message = Message(OTHER_VARIABLE.message, other=other, variable=variable)
    return _cause(OTHER_VARIABLE.id, message)


def _possible(root: Node, asked: MatrixAsked) -> float:
    """How much weight all mistakes have together that can be looked for in an answer."""
    edits = sum(cause.likelihood for _, cause in _edits(root, asked.derivation.names))
    return edits + sum(cause.likelihood for _, cause in _FACTORS) + len(asked.derivation.quantities)


def _others(
    root: Node,
    typed: Node,
    asked: MatrixAsked,
    variants: Variants,
    symmetric: "tuple[MatrixAsked, Cause] | None",
    factor: float,
) -> Iterator[Cause]:
    """All mistakes but those of a factor that a number times an answer may have been made by."""
    values = variants.values(root)
    if values is not None:
        if same(values, variants.values(asked.derivation.formula.root) or ()):
            yield Cause(NOT_DIFFERENTIATED, "", -1)
            return
        scaled = [factor * each for each in values]
        if len(asked.shape) == 2 and same([each.T for each in scaled], asked.right):
            yield _TRANSPOSED
        for quantity, found in on_the_way(asked) if _shows_work(root) else ():
            if same(scaled, found):
                message = Message(
                    "That is the derivative by `{part}`, a part on the way. It still has to be "
                    "taken back to {variable}.",
                    part=mathematics(quantity.node),
                    variable=asked.derivation.variable,
                )
                yield _cause("matrix-stopped-early", message)
                break
        if symmetric is not None and Variants(symmetric[0]).is_right(root, factor):
            yield symmetric[1]
            return
    # one is enough: A(Ax − b) lacks a transpose, and so its factors stand in another order
    edited = _edits(root, asked.derivation.names)
    fitting = [cause for each, cause in edited if variants.is_right(each, factor)]
    yield from (fitting or [*_as_typed(typed, asked, variants, factor)])[:1]


def _shows_work(root: Node) -> bool:
    """Whether more was written down than one letter, which anybody may write for any reason."""
    parts = [*walk(root)]
    functions = [each for each in parts if isinstance(each, Call) and each.function != "transpose"]
    return bool(functions) or sum(isinstance(each, Name) for each in parts) > 1


_TRANSPOSED = _cause(
    "gradient-transposed",
    Message(
        "That is the transpose. The derivative by a matrix has the shape of that matrix; a "
        "Jacobian has a row for each result."
    ),
)
_FACTORS: tuple[tuple[float, Cause], ...] = (
    (
        -1.0,
        _cause("sign-of-whole", Message("Everything is right but the sign of the whole.")),
    ),
    (
        2.0,
        Cause(TWO_LOST, "", -1),
    ),
    (
        0.5,
        _cause(
            "two-too-many",
            Message(
                "There is a factor 2 too much: half of a square loses it when it is differentiated."
            ),
        ),
    ),
)
"""What an answer has to be multiplied by to be right, and what was done."""


def _if_symmetric(asked: MatrixAsked) -> tuple[MatrixAsked, Cause] | None:
    """The same question with symmetric matrices, and their names; None if none is square."""
    names = asked.derivation.names
    square = [each for each, shape in names.items() if len(shape) == 2 and shape[0] == shape[1]]
    places = sum(
        isinstance(each, Name) and each.name == asked.derivation.variable
        for each in walk(asked.derivation.formula.root)
    )
    if not square or places < 2:
        return None
    points = tuple(
        {each: value + value.T if each in square else value for each, value in point.items()}
        for point in asked.points
    )
    try:
        right = tuple(derivative_at(asked.derivation, point) for point in points)
    except DomainError:
        return None
    message = Message(
        "That holds if {names} is symmetric. In general both places at which {variable} stands "
        "bring a term of their own.",
        names=", ".join(square),
        variable=asked.derivation.variable,
    )
    changed = replace(asked, points=points, right=right)
    return changed, _cause("symmetric-assumed", message)


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


def _edits(root: Node, names: Mapping[str, Shape]) -> Iterator[tuple[Node, Cause]]:
    """The answer with one transpose more or less, or two factors in the other order.

    Who has written a transpose is told of the order first, who has written none of the transpose.
    """
    shapes = Shapes(names)
    transposed = [each for each in distinct(root) if isinstance(each, Call)]
    transposed = [each for each in transposed if each.function == "transpose"]
    within = {id(each.arguments[0]) for each in transposed}
    missing = [
        (with_part(root, each, call("transpose", each)), _MISSING)
        for each in distinct(root)
        if isinstance(each, Name) and len(names[each.name]) == 2 and id(each) not in within
    ]
    order = [
        (
            with_part(root, each, replace(each, left=each.right, right=each.left)),
            _ORDER,
        )
        for each in distinct(root)
        if isinstance(each, MatrixProduct) and not _is_row(each.right, each.left, shapes)
    ]
    yield from (*order, *missing) if transposed else (*missing, *order)
    for each in transposed:
        yield with_part(root, each, each.arguments[0]), _TOO_MANY


def _as_typed(
    typed: Node, asked: MatrixAsked, variants: Variants, factor: float
) -> Iterator[Cause]:
    """The first edit of an answer as it was typed that makes it right; in the order of `_edits`."""
    ways = [(turned, _MISSING), (moved, _ORDER), (unturned, _TOO_MANY)]
    if next(unturned(typed), None) is not None:
        ways = [ways[1], ways[2], ways[0]]
    for edits, cause in ways:
        if any(variants.reads_right(each, factor) for each in edits(typed)):
            yield cause
            return


def _is_row(left: Node, right: Node, shapes: Shapes) -> bool:
    """Whether a vector would stand before a matrix, which only a transpose lets it do."""
    try:
        return len(shapes(left)) == 1 and len(shapes(right)) == 2
    except FormulaError:
        return False


_MISSING = _cause(
    "transpose-missing",
    Message(
        "A transpose is missing. On the way back rows and columns change places, and only so do "
        "the shapes fit."
    ),
)
_TOO_MANY = _cause("transpose-too-many", Message("There is a transpose too many."))
_ORDER = _cause(
    "order-of-factors",
    Message("Two factors stand in the wrong order: matrices do not commute."),
)
