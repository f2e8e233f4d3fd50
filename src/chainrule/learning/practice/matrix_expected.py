"""What belongs to a question about vectors and matrices, whatever is answered to it.

Its wrong answers by the mistakes of the rules, the derivatives by the parts on the way, the right
derivative's factors and terms. It is worked out once for all answers to the question.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import call, divide, negative, number, occurs
from chainrule.calculus.matrix import MatrixEvaluation, Quantity
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
    children,
    distinct,
    walk,
)
from chainrule.calculus.writing import write
from chainrule.records.message import Message

from .asked import EXERCISES
from .cause import Cause
from .jacobian_links import wrong_links
from .matrix_asked import MatrixAsked, derivative_at, on_the_way
from .matrix_facts import derivative_by, facts
from .matrix_points import LARGEST
from .matrix_terms import questions_of_terms
from .matrix_values import Replacing, Variants
from .matrix_workings import TERM_LOST
from .matrix_wrong_gradients import WrongGradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MOST_FACTORS = 12
"""Factors of the right derivative that may be missing."""

ABOVE = LARGEST
"""How much larger the variable is made than other names, so that their difference is positive."""


class Expected:
    """What can be worked out before there is an answer, each only when it is needed.

    Args:
        asked: What is asked.
    """

    def __init__(self, asked: MatrixAsked) -> None:
        self._asked = asked
        self._by_name: dict[str, list[Values] | None] = {}

    def by_name(self, other: str) -> "list[Values] | None":
        """The derivative by another name; None if it has none."""
        if other not in self._by_name:
            self._by_name[other] = derivative_by(other, self._asked)
        return self._by_name[other]

    @cached_property
    def of_rules(self) -> WrongGradients:
        """The gradients that a mistake of a rule leads to."""
        return WrongGradients(self._asked)

    @cached_property
    def of_links(self) -> "list[tuple[Cause, list[Values]]]":
        """Of a vector the Jacobians in which a link of the chain is missing."""
        return [*wrong_links(self._asked)]

    @cached_property
    def on_the_way(self) -> "list[tuple[Quantity, list[Values]]]":
        """The derivatives by the parts on the way."""
        return [*on_the_way(self._asked)]

    @cached_property
    def facts(self) -> "list[tuple[Cause, list[Values]]]":
        """What an answer may be in itself, with its values.

        Of u² + x with u = x − b, 2u is the derivative by u; but it lacks no step, it lacks a term.
        """
        return [
            (cause, values)
            for cause, values in facts(self._asked, self.on_the_way)
            if not any(each.mutation is TERM_LOST for each in self.of_rules.at(values))
        ]

    @cached_property
    def of_terms(self) -> "dict[MatrixAsked, Expected]":
        """A question for each term of a sum, with what belongs to it."""
        return {each: Expected(each) for each in questions_of_terms(self._asked)}

    @cached_property
    def symmetric(self) -> tuple[MatrixAsked, Cause] | None:
        """The same question with symmetric matrices, and who takes them for that; or None."""
        square = _square(self._asked)
        return _if_symmetric(self._asked, square) if square else None

    @cached_property
    def one_symmetric(self) -> list[tuple[MatrixAsked, Cause]]:
        """The same with one symmetric matrix each, where there are several."""
        square = _square(self._asked)
        found = [_if_symmetric(self._asked, [each]) for each in square if len(square) > 1]
        return [each for each in found if each is not None]

    @cached_property
    def of_rules_if_symmetric(self) -> WrongGradients | None:
        """The gradients that a mistake of a rule leads to where matrices are symmetric."""
        return None if self.symmetric is None else WrongGradients(self.symmetric[0])

    @cached_property
    def of_rules_if_positive(self) -> tuple[MatrixAsked, WrongGradients] | None:
        """The question at positive values, and what a mistake of a rule leads to there.

        Who takes the root or the logarithm of a derivative writes what else has no value.
        """
        changed = _if_positive(self._asked)
        return None if changed is None else (changed, WrongGradients(changed))

    @cached_property
    def factors(self) -> list[Node]:
        """Factors of the right derivative, each once; a name transposed as well."""
        return _factors(self._asked)

    @cached_property
    def terms(self) -> list[Node]:
        """Terms of the right derivative multiplied out; none where it is not linear in a sum."""
        return _terms(_right(self._asked), Variants(self._asked))

    @cached_property
    def held_terms(self) -> list[Node]:
        """Terms of sums in the formula that do not move."""
        return self._held(Sum)

    @cached_property
    def held_factors(self) -> list[Node]:
        """Factors in the formula that do not move, and their transposes."""
        found = self._held(Product, MatrixProduct)
        return [made for each in found for made in (each, call("transpose", each))]

    def _held(self, *kinds: type[Node]) -> list[Node]:
        derivation = self._asked.derivation
        nodes = [each for each in distinct(derivation.formula.root) if isinstance(each, kinds)]
        parts = [part for node in nodes for part in children(node)]
        return [each for each in parts if not occurs(each, (derivation.variable,))]

    def work_out(self) -> None:
        """Do now what a wrong answer may need."""
        _ = self.of_rules, self.of_links, self.facts, self.of_terms
        _ = self.symmetric, self.factors, self.terms
        _ = self.of_rules_if_symmetric, self.of_rules_if_positive
        derivation = self._asked.derivation
        for each in derivation.names.keys() - {derivation.variable}:
            self.by_name(each)


@lru_cache(EXERCISES)
def expected(asked: MatrixAsked) -> Expected:
    """What belongs to a question; of the last `EXERCISES` it is kept."""
    return Expected(asked)


def _if_positive(asked: MatrixAsked) -> MatrixAsked | None:
    """With positive entries, the variable's larger than all others; None without a derivative."""
    variable = asked.derivation.variable
    points = tuple(
        {each: np.abs(value) + (ABOVE if each == variable else 0) for each, value in point.items()}
        for point in asked.points
    )
    return _at(asked, points)


def _at(asked: MatrixAsked, points: "tuple[dict[str, Values], ...]") -> MatrixAsked | None:
    """A question at other points; None if it has no derivative at one of them."""
    try:
        for point in points:
            at = MatrixEvaluation(point)
            for quantity in asked.derivation.quantities:  # a mistake may be one on the way
                at(quantity.node)
        right = tuple(derivative_at(asked.derivation, point) for point in points)
    except (DomainError, ValueError):
        return None
    return replace(asked, points=points, right=right)


def _if_symmetric(asked: MatrixAsked, square: Sequence[str]) -> tuple[MatrixAsked, Cause] | None:
    """With some matrices symmetric; None if the question has no values then."""
    changed = _at(asked, _with(asked, square, lambda value: value + value.T))
    if changed is None:  # a log det needs positive ones
        changed = _at(asked, _with(asked, square, lambda value: value @ value.T))
    if changed is None:
        return None
    fields = {"names": ", ".join(square), "variable": asked.derivation.variable}
    message = (
        Message(
            "That holds if {names} is symmetric. In general both places at which {variable} stands "
            "bring a term of their own.",
            **fields,
        )
        if len(square) == 1
        else Message(
            "That holds if these are symmetric: {names}. In general both places at which "
            "{variable} stands bring a term of their own.",
            **fields,
        )
    )
    return changed, Cause(Mutation(id="symmetric-assumed", after="", message=message), "", -1)


def _square(asked: MatrixAsked) -> list[str]:
    """Matrices that may be taken for symmetric; none if the variable stands in one place."""
    names = asked.derivation.names
    places = sum(
        isinstance(each, Name) and each.name == asked.derivation.variable
        for each in walk(asked.derivation.formula.root)
    )
    if places < 2:
        return []
    return [each for each, shape in names.items() if len(shape) == 2 and shape[0] == shape[1]]


def _with(
    asked: MatrixAsked, square: Collection[str], symmetric: "Callable[[Values], Values]"
) -> "tuple[dict[str, Values], ...]":
    return tuple(
        {each: symmetric(value) if each in square else value for each, value in point.items()}
        for point in asked.points
    )


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
