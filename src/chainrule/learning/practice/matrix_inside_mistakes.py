"""Derivatives that were put inside: √u′ for √u, u′/v′ for u/v, on the way back from a result.

What comes of them is no factor of a cotangent. But of a number made of numbers it can be said: the
gradients of these stand in their places, entry by entry, as somebody writes them.
"""

from collections.abc import Iterator

from chainrule.calculus.build import multiply, name, substitute
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import MatrixDerivation, Quantity
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Call, Name, Node, Power, children
from chainrule.records.message import Message

from .cause import Cause
from .matrix_function_mistakes import is_linear, made_wrongly
from .matrix_walks import COTANGENT, VARIABLE, Wrong, gradient_of

OF_FUNCTIONS = frozenset(
    {
        "chain-inside-differentiated",
        "log-of-derivative",
        "power-of-derivative",
        "sqrt-of-derivative",
    }
)
"""Say that a function was kept, which an answer without one does not show."""


def has_function(node: Node) -> bool:
    """Whether a part of an answer is a function of numbers or a power."""
    if isinstance(node, Call):
        return FUNCTIONS[node.function].kind == "elementwise"
    return isinstance(node, Power)


def inside_mistakes(derivation: MatrixDerivation) -> Iterator[tuple[Cause, Wrong]]:
    """Each number on the way with derivatives inside it; none in a formula without any.

    Args:
        derivation: What is walked back.
    """
    on_the_way = {each.name for each in derivation.quantities}
    for quantity in reversed(derivation.quantities):
        moving = [
            each.name
            for each in children(quantity.local)
            if isinstance(each, Name) and each.name in on_the_way
        ]
        if quantity.shape or not moving or derivation.variable in moving:
            continue
        for cause, written in _written(quantity, moving):
            pull = multiply(name(COTANGENT), written)
            yield (
                Cause(cause.mutation, cause.rule, quantity.node.id),
                Wrong(pulls={quantity.name: {VARIABLE: pull}}),
            )


def _written(quantity: Quantity, moving: list[str]) -> Iterator[tuple[Cause, Node]]:
    """What somebody writes for the gradient of a number, in the gradients of those below."""
    node = quantity.local
    slopes = {each: gradient_of(each) for each in moving}
    names = frozenset(each.name for each in slopes.values())
    inside_out = substitute(node, dict(slopes))
    known = False
    for cause, wrong in made_wrongly(node, moving):
        operands = [part.operand for part in wrong.parts]
        below = [slopes.get(each.name) for each in operands if isinstance(each, Name)]
        known_below = [each for each in below if each is not None]
        if len(known_below) < len(operands):
            continue  # of a constant there is no gradient on the way
        made = wrong.make(known_below)
        if not is_linear(made, names):
            known |= _is_one(made, inside_out)
            yield cause, made
    if not known and isinstance(node, Call) and FUNCTIONS[node.function].kind == "elementwise":
        message = Message(
            "The inside was differentiated where it stands, in {function}: it stays as it is "
            "there, and its derivative is a factor behind.",
            function=node.text,
        )
        inside = Mutation(id="chain-inside-differentiated", after="f(du)", message=message)
        yield Cause(inside, "chain", -1), inside_out


def _is_one(made: Node, other: Node) -> bool:
    """Whether both are one function of the same, however it is spelled."""
    if not isinstance(made, Call) or not isinstance(other, Call):
        return False
    return made.function == other.function and made.arguments == other.arguments
