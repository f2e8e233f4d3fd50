"""A rule at work: what each part that varies gets of the cotangent of the whole, in its shape."""

from dataclasses import dataclass

from chainrule.calculus.build import is_number, multiply
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.tree import Node, Product, Quotient, Unary, with_children

from .rules import MATRIX_RULES, MatrixRule, Place
from .shapes import Shapes
from .stretching import filled, summed_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one part gets.

    Attributes:
        raw: As the rule makes it.
        term: What can be stretched to the shape of the part: summed where the part was stretched.
        stretch: What was summed and why, as a sentence; empty if nothing was.
    """

    raw: Node
    term: Node
    stretch: str


def rule_of(node: Node, shapes: Shapes) -> MatrixRule:
    """The rule for an operation."""
    return next(rule for rule in MATRIX_RULES if rule.matches(node, shapes))


def pulled(rule: MatrixRule, place: Place, cotangent: Node, shapes: Shapes) -> dict[int, Pulled]:
    """What the parts get, by their places.

    Args:
        rule: That of the operation.
        place: The operation, its parts by their names.
        cotangent: That of the whole; it may have fewer entries, each then stands for several.
        shapes: Of all names in these.
    """
    whole = shapes(place.result)
    full = filled(cotangent, shapes(cotangent), whole, place.result)
    raw = rule.pull(place, full if rule.full else cotangent)
    found: dict[int, Pulled] = {}
    for argument in sorted(raw):
        part = shapes(place.parts[argument])
        made = _without_one(raw[argument])
        try:
            own = shapes(made)
        except FormulaError:
            # factors of which each has to be stretched: with all its entries G goes before them
            made = _without_one(rule.pull(place, full)[argument])
            own = shapes(made)
        term, sentence = summed_back(made, own, whole if rule.stretches else part, part)
        found[argument] = Pulled(raw=made, term=term, stretch=sentence)
    return found


def _without_one(node: Node) -> Node:
    """1 · A as A: the cotangent of the result is 1, and nobody writes that down."""
    match node:
        case Product() if is_number(node.factors[0], 1):
            return multiply(*node.factors[1:])
        case Quotient():
            return with_children(node, (_without_one(node.numerator), node.denominator))
        case Unary():
            return with_children(node, (_without_one(node.operand),))
        case _:
            return node
