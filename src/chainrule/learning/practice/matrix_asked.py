"""What is asked of a formula of vectors and matrices, and what is right at random values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import Formula, FormulaError
from chainrule.calculus.build import call, number, raised, subtract
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import (
    MatrixDerivation,
    MatrixEvaluation,
    Quantity,
    derive_matrix,
    jacobian_values,
    needs_matrices,
)
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.problem import Problem, numbered
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import (
    Array,
    Call,
    Name,
    Node,
    Product,
    children,
    distinct,
    with_children,
)
from chainrule.records.message import Message

from .asked import EXERCISES
from .matrix_answers import as_matrix_products, with_transposes
from .matrix_points import POINTS, drawn
from .matrix_shapes import fitting_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatrixAsked:
    """What is asked: a derivative by a vector or matrix, with its values at some points.

    Two of them are the same only if they are one object, so that more can be kept of each.

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
    return any(
        needs_matrices(each) or _reduces(each.root) or _is_entrywise(each.root) for each in formulas
    )


def _is_entrywise(root: Node) -> bool:
    """Whether ⊙ stands in it, which nobody writes between numbers."""
    return any(isinstance(each, Product) and "⊙" in each.operators for each in distinct(root))


def _reduces(root: Node) -> bool:
    """Whether something is taken together that has several entries: a sum, a mean, a length.

    A loss is the mean of several too where there is a matrix in it, as in mse(X w, y).
    """
    for each in distinct(root):
        if not isinstance(each, Call):
            continue
        kind = FUNCTIONS[each.function].kind
        if kind == "reduction" and len(each.arguments) == 1:
            return True
        if kind == "loss" and any(map(_is_capital, distinct(each))):
            return True
    return False


def _is_capital(node: Node) -> bool:
    """Whether it is the name of a matrix by the custom of books: a capital letter."""
    return isinstance(node, Name) and node.name[:1].isupper()


def may_be_of_matrices(problem: Problem) -> bool:
    """Whether a capital letter multiplies a vector by the custom of books, as in tanh(W x + b)."""
    return not problem.definitions and any(
        isinstance(node, Product)
        and any(
            _is_capital(left) and not _is_capital(right) for left, right in pairwise(node.factors)
        )
        for node in distinct(problem.formula.root)
    )


def _taken_apart(root: Node) -> Node:
    """With mse(Y, T) as mean((Y − T)²): a mistake may be made in the mean or in the square."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        square = isinstance(node, Call) and node.function == "mse"
        made[id(node)] = (
            call("mean", raised(subtract(*parts), number(2)))
            if square
            else with_children(node, parts)
        )
    return made[id(root)]


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


def turned_problem(formula: str, error: FormulaError) -> Problem:
    """A formula that is only one when A.T and A^{-1} are read as they are of matrices.

    Raises:
        FormulaError: The one given, if it is none then either.
    """
    turned = with_transposes(formula, ())
    if turned == formula:
        raise error
    try:
        return read_problem(turned)
    except FormulaError:
        raise error from None


_OWN_T = re.compile(r"(?<![A-Za-z])T(?![A-Za-z])")


def read_matrix(
    problem: Problem, wrt: str, shapes: Mapping[str, Shape] | None = None
) -> MatrixAsked:
    """What is asked of a formula of vectors and matrices; of the last `EXERCISES` it is known.

    Args:
        problem: Without an equation or definitions.
        wrt: By which name.
        shapes: Of names; found by the habit of books if there are none.

    Raises:
        FormulaError: If shapes do not fit, or the name is not in the formula.
    """
    return _read_matrix(
        problem, wrt, tuple((name, tuple(shape)) for name, shape in (shapes or {}).items())
    )


@lru_cache(EXERCISES)
def _read_matrix(problem: Problem, wrt: str, shapes: tuple[tuple[str, Shape], ...]) -> MatrixAsked:
    if problem.definitions:
        raise FormulaError(
            Message(
                "Expected one formula of vectors and matrices, found definitions beside it: put "
                "them into the formula."
            ),
            problem.text,
        )
    names = problem.names
    known = dict(shapes) or dict(fitting_shapes(problem.formula.root, names, problem.text))
    root = as_matrix_products(problem.formula.root, dict.fromkeys(names, ()) | known)
    # before it is taken apart, which stretches what mse does not
    Shapes(dict.fromkeys(names, ()) | known, problem.text)(root)
    root = numbered(_taken_apart(root))
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
    points, right = drawn(derivation, lambda point: derivative_at(derivation, point))
    if len(points) == POINTS:
        return MatrixAsked(derivation=derivation, points=tuple(points), right=tuple(right))
    raise FormulaError(
        Message(
            "Expected a formula with values where all entries lie between 0.06 and 7.6, found "
            "none: it cannot be graded."
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


def derivative_at(derivation: MatrixDerivation, point: "dict[str, Values]") -> "Values":
    """The derivative at a point, a Jacobian for a vector; DomainError if it has none there."""
    at = MatrixEvaluation(point)
    if derivation.is_number:
        found: Values = at(derivation.gradient)
        return np.broadcast_to(found, derivation.variable_shape)
    assert isinstance(derivation.seed, Name)
    made: Values = jacobian_values(derivation.gradient, derivation.seed.name, derivation.shape, at)
    return made


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
