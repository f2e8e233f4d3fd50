"""A factor that does not move and was left out with its derivative, or was differentiated itself.

The derivative of a constant is 0, and so people drop the matrix in xᵀAx. But what is left of it at
a step is its value, which the others are multiplied by.
"""

from collections.abc import Iterator, Sequence

from chainrule.calculus import FormulaError
from chainrule.calculus.build import exact, multiply, name, substitute
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import MatrixDerivation, Quantity, mathematics
from chainrule.calculus.matrix.rules import Place
from chainrule.calculus.matrix.rules.entrywise import partial_slopes
from chainrule.calculus.matrix.rules.rule import ShapeOf
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Power,
    Product,
    Sum,
    children,
    distinct,
    with_children,
)
from chainrule.records.message import Message

from .cause import Cause
from .matrix_walks import COTANGENT, Wrong, made_of, place_of, rule_at


def held_mistakes(derivation: MatrixDerivation) -> Iterator[tuple[Cause, Wrong]]:
    """Each constant factor on the way left out or differentiated.

    Args:
        derivation: What is walked back.
    """
    for quantity in reversed(derivation.quantities):
        if quantity.name == derivation.variable:
            continue
        place = place_of(quantity, derivation)
        held = [i for i in range(len(place.parts)) if i not in place.moving]
        if not held or not place.moving:
            continue
        above = made_of(quantity.name, derivation)
        if isinstance(place.node, Product | MatrixProduct):
            yield from _factors_lost(quantity, place, held, above)
        yield from _differentiated(quantity, place, held, derivation.variable)


def _names(node: Node) -> set[str]:
    return {each.name for each in distinct(node) if isinstance(each, Name)}


def _factors_lost(
    quantity: Quantity, place: Place, held: Sequence[int], above: Sequence[str]
) -> Iterator[tuple[Cause, Wrong]]:
    """A product without one of its constant factors, at this step and at all above it."""
    parts = place.parts
    for lost in held:
        if exact(parts[lost]) is not None:
            continue  # a number in front is known as a rule of its own
        others = [each for i, each in enumerate(parts) if i != lost]
        left = others[0] if len(others) == 1 else multiply(*others)
        pulls = {
            i: multiply(
                name(COTANGENT), *(each for j, each in enumerate(parts) if j not in (i, lost))
            )
            for i in place.moving
        }
        cause = Cause(factor_lost(parts[lost], place.shape_of), "product", quantity.node.id)
        yield cause, Wrong(pulls={quantity.name: pulls})
        if above:
            yield (
                cause,
                Wrong(
                    pulls={quantity.name: pulls},
                    values={quantity.name: left},
                    seen_by=frozenset(above),
                ),
            )


def factor_lost(factor: Node, shape_of: ShapeOf) -> Mutation:
    """That a constant factor is missing."""
    message = Message(
        "The factor {factor} is missing. It does not move, but it multiplies what does, and so it "
        "multiplies the derivative.",
        factor=mathematics(factor, shape_of),
    )
    return Mutation(id="held-factor-lost", after="du", message=message)


def _differentiated(
    quantity: Quantity, place: Place, held: Sequence[int], variable: str
) -> Iterator[tuple[Cause, Wrong]]:
    """A function of constants in a product, in whose place its own slope was put."""
    if isinstance(place.node, Sum):
        return
    for i in held:
        slope = _slope(place.parts[i])
        if slope is None:
            continue
        parts = [slope if j == i else each for j, each in enumerate(place.parts)]
        instead = Place(
            node=with_children(place.node, parts),
            result=place.result,
            shape_of=place.shape_of,
            moving=place.moving,
            text=place.text,
            origin=place.origin,
        )
        message = Message(
            "{part} was differentiated too, though {variable} is not in it: it is held, and stays "
            "as a factor.",
            part=mathematics(place.parts[i], place.shape_of),
            variable=variable,
        )
        mutation = Mutation(id="held-differentiated", after="dc", message=message)
        try:
            pulls = rule_at(instead).pull(instead, name(COTANGENT))
        except FormulaError:
            continue
        yield (
            Cause(mutation, "held-constant", quantity.node.id),
            Wrong(pulls={quantity.name: pulls}),
        )


def _slope(node: Node) -> Node | None:
    """The slope of a function of numbers by its own argument, entry by entry; None of others."""
    is_call = isinstance(node, Call) and FUNCTIONS[node.function].kind == "elementwise"
    if not (is_call or isinstance(node, Power)) or not _names(node):
        return None
    inside = name("inside")
    try:
        made = with_children(node, (inside, *children(node)[1:]))
        slope = partial_slopes(made, (0,)).get(0)
    except FormulaError:
        return None
    if slope is None:
        return None
    return substitute(slope, {"inside": children(node)[0]})
