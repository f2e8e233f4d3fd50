"""What belongs to a question about vectors and matrices, whatever is answered to it.

Its wrong answers by the mistakes of the rules, the derivatives by the parts on the way, the right
derivative's factors and terms. It is worked out once for all answers to the question.
"""

from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import call, divide, negative, number
from chainrule.calculus.matrix import Quantity
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Number,
    Product,
    Quotient,
    Sum,
    distinct,
    walk,
)
from chainrule.calculus.writing import write
from chainrule.records.message import Message

from .asked import EXERCISES
from .cause import Cause
from .matrix_asked import MatrixAsked, derivative_at, on_the_way
from .matrix_values import Replacing, Variants
from .matrix_workings import WrongGradient, wrong_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MOST_FACTORS = 12
"""Factors of the right derivative that may be missing."""


class Expected:
    """What can be worked out before there is an answer, each only when it is needed.

    Args:
        asked: What is asked.
    """

    def __init__(self, asked: MatrixAsked) -> None:
        self._asked = asked

    @cached_property
    def of_rules(self) -> list[tuple[Cause, WrongGradient]]:
        """The gradients that a mistake of a rule leads to."""
        return [*wrong_gradients(self._asked)]

    @cached_property
    def on_the_way(self) -> "list[tuple[Quantity, list[Values]]]":
        """The derivatives by the parts on the way."""
        return [*on_the_way(self._asked)]

    @cached_property
    def symmetric(self) -> tuple[MatrixAsked, Cause] | None:
        """The same question with symmetric matrices, and who takes them for that; or None."""
        return _if_symmetric(self._asked)

    @cached_property
    def of_rules_if_symmetric(self) -> list[tuple[Cause, WrongGradient]]:
        """The gradients that a mistake of a rule leads to where matrices are symmetric."""
        return [] if self.symmetric is None else [*wrong_gradients(self.symmetric[0])]

    @cached_property
    def factors(self) -> list[Node]:
        """Factors of the right derivative, each once; a name transposed as well."""
        return _factors(self._asked)

    @cached_property
    def terms(self) -> list[Node]:
        """Terms of the right derivative multiplied out; none where it is not linear in a sum."""
        return _terms(_right(self._asked), Variants(self._asked))

    def work_out(self) -> None:
        """Do now what a wrong answer may need."""
        _ = self.of_rules, self.on_the_way, self.symmetric, self.factors, self.terms


@lru_cache(EXERCISES)
def expected(asked: MatrixAsked) -> Expected:
    """What belongs to a question; of the last `EXERCISES` it is kept."""
    return Expected(asked)


def _if_symmetric(asked: MatrixAsked) -> tuple[MatrixAsked, Cause] | None:
    """None if no matrix is square, or the variable stands in one place."""
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
    return changed, Cause(Mutation(id="symmetric-assumed", after="", message=message), "", -1)


def _right(asked: MatrixAsked) -> Node:
    derivation = asked.derivation
    return derivation.gradient if derivation.jacobian is None else derivation.jacobian


def _factors(asked: MatrixAsked) -> list[Node]:
    right = _right(asked)
    found: dict[str, Node] = {}
    for node in distinct(right):
        match node:
            case Product():
                parts: tuple[Node, ...] = node.factors
            case MatrixProduct():
                parts = (node.left, node.right)
            case Quotient():
                parts = (divide(number(1), node.denominator),)
            case Call(function="outer"):
                parts = (node.arguments[0], call("transpose", node.arguments[1]))
            case _:
                parts = ()
        for each in parts:
            whole = isinstance(each, Number | MatrixProduct | Product) or _is_outer(each)
            if not whole or _is_dot(each, asked):
                found.setdefault(write(each), each)
                if isinstance(each, Name) and len(asked.derivation.names.get(each.name, ())) == 2:
                    found.setdefault(write(call("transpose", each)), call("transpose", each))
    return [*found.values()][:MOST_FACTORS]


def _is_outer(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "outer"


def _is_dot(node: Node, asked: MatrixAsked) -> bool:
    """Whether it is a dot product, and so a factor like any number."""
    try:
        return isinstance(node, MatrixProduct) and Shapes(asked.derivation.names)(node) == ()
    except FormulaError:  # in a Jacobian stand names that are none of the formula
        return False


def _terms(right: Node, variants: Variants) -> list[Node]:
    replacing = Replacing(right)
    for node in replacing.parts:
        if not isinstance(node, Sum):
            continue
        signed = zip(node.terms, ("+", *node.operators), strict=True)
        alone = [replacing(node, negative(each) if sign == "-" else each) for each, sign in signed]
        total = alone[0]
        for each in alone[1:]:
            total = Sum(terms=(total, each), operators=("+",))
        if variants.is_right(total):
            return alone
    return []
