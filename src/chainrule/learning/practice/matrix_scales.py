"""Numbers that a wrong answer may have to be multiplied by to be right, and what was done then."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from chainrule.calculus.build import exact
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Name, Node, Power, Product, Quotient, walk
from chainrule.records.message import Message

from .cause import Cause
from .matrix_asked import MatrixAsked
from .matrix_function_mistakes import TWO_LOST


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)


_SIGN = (-1.0, _cause("sign-of-whole", Message("Everything is right but the sign of the whole.")))


def scales(asked: MatrixAsked) -> tuple[tuple[float, Cause], ...]:
    """What an answer has to be multiplied by to be right, and what was done.

    Where a 2 comes from is said only of a formula that has it.
    """
    root = asked.derivation.formula.root
    parts = [*walk(root)]
    places = [each for each in parts if isinstance(each, Name)]
    twice = [each.name for each in places].count(asked.derivation.variable) > 1
    squares = any(isinstance(each, Power) and exact(each.exponent) == 2 for each in parts)
    halves = any(exact(each) in (2, Fraction(1, 2)) for each in _scales(parts))
    lost = TWO_LOST if twice or squares else replace(TWO_LOST, message=_JUST_LOST)
    many = _OF_HALF if halves and squares else _JUST_MANY
    return _SIGN, (2.0, Cause(lost, "", -1)), (0.5, _cause("two-too-many", many))


def _scales(parts: Sequence[Node]) -> Iterator[Node]:
    for each in parts:
        if isinstance(each, Quotient):
            yield each.denominator
        if isinstance(each, Product):
            yield from each.factors


_JUST_LOST = Message("The factor 2 is missing.")
_JUST_MANY = Message("There is a factor 2 too much.")
_OF_HALF = Message(
    "There is a factor 2 too much: half of a square loses it when it is differentiated."
)
