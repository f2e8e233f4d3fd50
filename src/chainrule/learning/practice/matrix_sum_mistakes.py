"""A sum on the way that is another one where what is outside of it is differentiated.

The derivative of a constant is 0, and so people drop the target in Xᵀ(Xw − y). Others drop a part
that moves, or lose a minus. The derivative of the sum itself may be right all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from chainrule.calculus.build import add, negative
from chainrule.calculus.matrix import MatrixDerivation, mathematics
from chainrule.calculus.matrix.rules import Place
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Node, Sum, children
from chainrule.records.message import Message

from .cause import Cause
from .matrix_walks import Wrong, made_of, place_of


def sum_mistakes(derivation: MatrixDerivation) -> Iterator[tuple[Cause, Wrong]]:
    """Each sum on the way with a term left out or a minus lost, at some of the steps above it.

    Args:
        derivation: What is walked back.
    """
    for quantity in reversed(derivation.quantities):
        place = place_of(quantity, derivation)
        above = made_of(quantity.name, derivation)
        if isinstance(place.node, Sum) and place.moving:
            for mutation, taken in _otherwise(place.node, place):
                for wrong in _seen(above, {quantity.name: taken}):
                    yield Cause(mutation, "sum", quantity.node.id), wrong


def _otherwise(node: Sum, place: Place) -> Iterator[tuple[Mutation, Node]]:
    """What is taken for a sum."""
    signs = ("+", *node.operators)
    signed = [
        negative(each) if sign == "-" else each
        for each, sign in zip(node.terms, signs, strict=True)
    ]
    terms = children(place.origin)  # as they were typed
    if len(place.moving) < len(signed):
        held = [each for i, each in enumerate(terms) if i not in place.moving]
        texts = ", ".join(mathematics(each, place.shape_of) for each in held)
        yield _held_lost(texts), add(*(signed[i] for i in place.moving))
    for lost in place.moving:
        rest = [each for i, each in enumerate(signed) if i != lost]
        yield _moving_lost(mathematics(terms[lost], place.shape_of)), add(*rest)
    if "-" in node.operators:
        plus = replace(node, operators=tuple("+" for _ in node.operators))
        yield _minus_lost(mathematics(place.origin, place.shape_of)), plus


def _held_lost(terms: str) -> Mutation:
    message = Message(
        "Without {terms} the inside is another. What does not move has the derivative 0, but where "
        "the outside is differentiated the inside stays as it is, with {terms} in it.",
        terms=terms,
    )
    return Mutation(id="held-term-lost", after="du", message=message)


def _moving_lost(term: str) -> Mutation:
    message = Message(
        "Without {term} the inside is another: where the outside is differentiated the inside "
        "stays as it is, with {term} in it.",
        term=term,
    )
    return Mutation(id="inside-term-lost", after="du", message=message)


def _minus_lost(inside: str) -> Mutation:
    message = Message(
        "The inside is {inside}, with its minus: where the outside is differentiated the inside "
        "stays as it is.",
        inside=inside,
    )
    return Mutation(id="inside-minus-lost", after="du", message=message)


def _seen(above: Sequence[str], values: Mapping[str, Node]) -> Iterator[Wrong]:
    """Another value, seen at the first steps above it, the last of which may keep its own."""
    for count, keeps in product(range(len(above), 0, -1), (False, True)):
        yield Wrong(
            values=values,
            seen_by=frozenset(above[:count]),
            keeping=frozenset(above[count - 1 : count]) if keeps else frozenset(),
        )
