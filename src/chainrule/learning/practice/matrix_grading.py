"""Grades of gradients by vectors and matrices: ∂L/∂w = 2Xᵀ(Xw − y), and Jacobians of vectors.

An answer is compared with the derivative at random values. A wrong one is looked at for what people
get wrong: a transpose, the order of factors, a number, a step too few.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, Formula, FormulaError
from chainrule.calculus.build import call
from chainrule.calculus.definitions import Problem, numbered, read_problem
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import (
    MatrixDerivation,
    MatrixEvaluation,
    Quantity,
    derive_matrix,
    jacobian_values,
    mathematics,
    needs_matrices,
)
from chainrule.calculus.matrix.fit import Shape, shape_text
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import (
    Array,
    Call,
    MatrixProduct,
    Name,
    Node,
    Number,
    Product,
    children,
    distinct,
    with_children,
)
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message

from .answers import AnswerError, read_answer
from .matrix_answers import as_matrix_products, with_transposes
from .matrix_shapes import fitting_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

CLOSE = 1e-8
"""Relative difference up to which two arrays are one: a dozen operations in float64 lose less."""

POINTS = 3
"""Random values at which an answer is compared: of two different formulas one is enough, three
leave no doubt."""

TRIES = 40
"""Draws until a point is in the domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixAsked:
    """What is asked: a derivative by a vector or matrix, with its values at some points.

    Attributes:
        derivation: How it comes about.
        points: Values of all names.
        right: The derivative at each of them.
    """

    derivation: MatrixDerivation
    points: "tuple[dict[str, Values], ...]"
    right: "tuple[Values, ...]"

    @property
    def shape(self) -> Shape:
        """Of the derivative."""
        shape: Shape = self.right[0].shape
        return shape


def is_of_matrices(problem: Problem, shapes: Mapping[str, Shape] | None = None) -> bool:
    """Whether a formula is one of vectors and matrices, and no list of formulas of numbers."""
    if shapes:
        return True
    root = problem.formula.root
    parts = root.entries if isinstance(root, Array) else (root,)
    formulas = [Formula(text=problem.text, root=each) for each in parts]
    return any(needs_matrices(each) or _reduces(each.root) for each in formulas)


def _reduces(root: Node) -> bool:
    """Whether something is taken together that has several entries: a sum, a mean, a length."""
    return any(
        isinstance(each, Call)
        and len(each.arguments) == 1
        and FUNCTIONS[each.function].kind == "reduction"
        for each in distinct(root)
    )


def read_matrices(formula: str, answer: str = "") -> Problem:
    """A formula in which A^T is a transpose, unless T is a name of its own, here or in the answer.

    P r^T with the answer P T r^(T − 1) is money after T years.
    """
    problem = read_problem(formula)
    if "T" not in problem.names:
        # what is no formula of its own, as A.T, is read with transposes alone
        return problem
    turned = read_problem(with_transposes(formula, ()))
    own = "T" in turned.names or _OWN_T.search(with_transposes(answer, ()))
    return problem if own else turned


_OWN_T = re.compile(r"(?<![A-Za-z])T(?![A-Za-z])")


def read_matrix(
    problem: Problem, wrt: str, shapes: Mapping[str, Shape] | None = None
) -> MatrixAsked:
    """What is asked of a formula of vectors and matrices.

    Args:
        problem: Without an equation or definitions.
        wrt: By which name.
        shapes: Of names; found by the habit of books if there are none.

    Raises:
        FormulaError: If shapes do not fit, or the name is not in the formula.
    """
    if problem.definitions:
        raise FormulaError(
            Message(
                "Expected one formula of vectors and matrices, found definitions beside it: put "
                "them into the formula."
            ),
            problem.text,
        )
    names = problem.names
    known = dict(shapes or fitting_shapes(problem.formula.root, names, problem.text))
    root = numbered(as_matrix_products(problem.formula.root, dict.fromkeys(names, ()) | known))
    formula = Formula(text=problem.text, root=root)
    derivation = derive_matrix(formula, wrt.strip() or _only(names, problem.text), known)
    if not derivation.is_number and len(derivation.jacobian_shape) > 2:
        raise FormulaError(
            Message(
                "Expected a number, or a vector by a vector, found a derivative of {axes} axes: "
                "ask for that of one number made of it, such as its sum.",
                axes=len(derivation.jacobian_shape),
            ),
            problem.text,
        )
    points, right = [], []
    source = np.random.default_rng(0)
    for _ in range(TRIES):
        point = {
            each: np.asarray(source.uniform(0.3, 1.9, shape))
            for each, shape in derivation.names.items()
        }
        try:
            right.append(_derivative(derivation, point))
        except DomainError:
            continue
        points.append(point)
        if len(points) == POINTS:
            return MatrixAsked(derivation=derivation, points=tuple(points), right=tuple(right))
    raise FormulaError(
        Message(
            "Expected a formula with values where all entries lie between 0.3 and 1.9, found none: "
            "it cannot be graded."
        ),
        problem.text,
    )


def _only(names: Sequence[str], text: str) -> str:
    if len(names) == 1:
        return names[0]
    raise FormulaError(
        Message(
            "Expected the name to differentiate by, found none: it has {names}.",
            names=", ".join(names),
        ),
        text,
    )


def _derivative(derivation: MatrixDerivation, point: "dict[str, Values]") -> "Values":
    at = MatrixEvaluation(point)
    if derivation.is_number:
        found: Values = at(derivation.gradient)
        return np.broadcast_to(found, derivation.variable_shape)
    assert isinstance(derivation.seed, Name)
    made: Values = jacobian_values(derivation.gradient, derivation.seed.name, derivation.shape, at)
    return made


def grade_matrix(
    problem: Problem, wrt: str, answer: str, shapes: Mapping[str, Shape] | None = None
) -> Grade:
    """Grade an answer to "differentiate this by a vector or matrix".

    Args:
        problem: The formula.
        wrt: By which name.
        answer: Such as `2 X^T (X w - y)`, `2*X.T @ (X@w - y)`, LaTeX.
        shapes: As for `read_matrix`.

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
    for root in readings:
        if _is(root, asked, asked.right):
            return Grade(correct=True)
    for root in readings or [_products(typed)]:
        found = _explained(root, asked)
        if found is not None:
            return Grade(correct=False, diagnoses=(found,))
    if not readings:
        return Grade(correct=False, diagnoses=(_misfit(reason),))
    return Grade(correct=False)


def _readings(root: Node, names: Mapping[str, Shape]) -> tuple[list[Node], str]:
    """The answer with products of matrices, and as it was typed, if they have a value."""
    found: list[Node] = []
    reason = ""
    for as_matrices in (True, False):
        try:
            made = as_matrix_products(root, names) if as_matrices else root
            Shapes(names)(made)
            found.append(made)
        except FormulaError as error:
            reason = reason or error.reason
    return found, reason


def _products(root: Node) -> Node:
    """All products as those of matrices, whether they fit or not, to look for what would fit."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        if isinstance(node, Product):
            numbers = [each for each in parts if isinstance(each, Number)]
            others = [each for each in parts if not isinstance(each, Number)]
            total: Node = others[-1] if others else parts[-1]
            for factor in reversed(others[:-1]):
                total = MatrixProduct(left=factor, right=total)
            for scalar in numbers if others else []:
                total = Product(factors=(scalar, total), operators=("*",))
            made[id(node)] = total
        else:
            made[id(node)] = with_children(node, parts)
    return made[id(root)]


def _values(root: Node, asked: MatrixAsked) -> "list[Values] | None":
    try:
        return [MatrixEvaluation(point)(root) for point in asked.points]
    except (FormulaError, DomainError, ValueError):
        return None


def _is(root: Node, asked: MatrixAsked, wanted: "Sequence[Values]") -> bool:
    values = _values(root, asked)
    return values is not None and _same(values, wanted)


def _same(values: "Sequence[Values]", wanted: "Sequence[Values]") -> bool:
    return all(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= CLOSE * (1e-3 + np.abs(b).max())))
        for a, b in zip(values, wanted, strict=True)
    )


def _explained(root: Node, asked: MatrixAsked) -> Diagnosis | None:
    """The first thing that would make it right."""
    values = _values(root, asked)
    if values is not None:
        found = _of_number(values, asked) or _of_whole(values, asked) or _of_symmetric(root, asked)
        if found is not None:
            return found
    for edited, id, message in _edits(root, asked.derivation.names):
        if _is(edited, asked, asked.right):
            return Diagnosis(mutation=id, rule="", node=-1, message=message)
    if values is not None:
        return _of_shape(values, asked)
    return None


def _of_number(values: "Sequence[Values]", asked: MatrixAsked) -> Diagnosis | None:
    """A number that is missing or too much."""
    for factor, id, message in _FACTORS:
        if _same([each * factor for each in values], asked.right):
            return Diagnosis(mutation=id, rule="", node=-1, message=message)
    return None


_FACTORS: tuple[tuple[float, str, Message], ...] = (
    (-1.0, "sign-of-whole", Message("Everything is right but the sign of the whole.")),
    (
        2.0,
        "two-lost",
        Message("The factor 2 is missing: it comes down from the square, or from two places."),
    ),
    (
        0.5,
        "two-too-many",
        Message(
            "There is a factor 2 too much: half of a square loses it when it is differentiated."
        ),
    ),
)


def _of_whole(values: "Sequence[Values]", asked: MatrixAsked) -> Diagnosis | None:
    """The transpose of the derivative, or that by a part on the way."""
    if len(asked.shape) == 2 and _same([each.T for each in values], asked.right):
        return Diagnosis(
            mutation="gradient-transposed",
            rule="",
            node=-1,
            message=Message(
                "That is the transpose. The derivative by a matrix has the shape of that matrix; a "
                "Jacobian has a row for each result."
            ),
        )
    for quantity, found in on_the_way(asked):
        if _same(values, found):
            return Diagnosis(
                mutation="matrix-stopped-early",
                rule="",
                node=-1,
                message=Message(
                    "That is the derivative by `{part}`, a part on the way. It still has to be "
                    "taken back to {variable}.",
                    part=mathematics(quantity.node),
                    variable=asked.derivation.variable,
                ),
            )
    return None


def on_the_way(asked: MatrixAsked) -> "Iterator[tuple[Quantity, list[Values]]]":
    """The derivatives by the parts on the way, the result first."""
    derivation = asked.derivation
    if not derivation.is_number:
        return
    quantities = {each.name: each for each in derivation.quantities}
    points: list[dict[str, Values]] = []
    for point in asked.points:
        at = MatrixEvaluation(point)
        points.append({**point, **{each.name: at(each.node) for each in quantities.values()}})
    for cotangent in derivation.cotangents:
        if cotangent.quantity == derivation.variable:
            continue
        found = [MatrixEvaluation(point)(cotangent.tidy) for point in points]
        for point, value in zip(points, found, strict=True):
            if cotangent.name:
                point[cotangent.name] = value
        yield quantities[cotangent.quantity], found


def _of_symmetric(root: Node, asked: MatrixAsked) -> Diagnosis | None:
    """Right if the matrices are symmetric, as 2Ax is for xᵀAx."""
    names = asked.derivation.names
    square = [each for each, shape in names.items() if len(shape) == 2 and shape[0] == shape[1]]
    if not square:
        return None
    points = tuple(
        {each: value + value.T if each in square else value for each, value in point.items()}
        for point in asked.points
    )
    try:
        right = tuple(_derivative(asked.derivation, point) for point in points)
    except DomainError:
        return None
    if not _is(root, replace(asked, points=points, right=right), right):
        return None
    return Diagnosis(
        mutation="symmetric-assumed",
        rule="",
        node=-1,
        message=Message(
            "That holds if {names} is symmetric. In general both places at which {variable} stands "
            "bring a term of their own.",
            names=", ".join(square),
            variable=asked.derivation.variable,
        ),
    )


def _of_shape(values: "Sequence[Values]", asked: MatrixAsked) -> Diagnosis | None:
    if values[0].shape == asked.shape:
        return None
    fields = {
        "found": shape_text(values[0].shape),
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


def _misfit(reason: str) -> Diagnosis:
    return Diagnosis(
        mutation="matrix-misfit",
        rule="",
        node=-1,
        message=Message(
            "The parts of your answer do not fit: {reason} Look for a transpose or another order.",
            reason=reason if reason.endswith(".") else f"{reason}.",
        ),
    )


def _edits(root: Node, names: Mapping[str, Shape]) -> Iterator[tuple[Node, str, Message]]:
    """The answer with one transpose more or less, or two factors in the other order.

    Who has written a transpose is told of the order first, who has written none of the transpose.
    """
    turned = [each for each in distinct(root) if isinstance(each, Call)]
    turned = [each for each in turned if each.function == "transpose"]
    within = {id(each.arguments[0]) for each in turned}
    missing = [
        (_put(root, each, call("transpose", each)), "transpose-missing", _MISSING)
        for each in distinct(root)
        if isinstance(each, Name) and len(names[each.name]) == 2 and id(each) not in within
    ]
    order = [
        (
            _put(root, each, replace(each, left=each.right, right=each.left)),
            "order-of-factors",
            _ORDER,
        )
        for each in distinct(root)
        if isinstance(each, MatrixProduct)
    ]
    yield from (*order, *missing) if turned else (*missing, *order)
    for each in turned:
        yield _put(root, each, each.arguments[0]), "transpose-too-many", _TOO_MANY


_MISSING = Message(
    "A transpose is missing. On the way back rows and columns change places, and only so do the "
    "shapes fit."
)
_TOO_MANY = Message("There is a transpose too many.")
_ORDER = Message("Two factors stand in the wrong order: matrices do not commute.")


def _put(root: Node, old: Node, new: Node) -> Node:
    made: dict[int, Node] = {}
    for node in distinct(root):
        made[id(node)] = (
            new
            if node is old
            else with_children(node, [made[id(child)] for child in children(node)])
        )
    return made[id(root)]
