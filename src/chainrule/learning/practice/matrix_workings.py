"""What can be got wrong at one step of the way back from a result to a vector or matrix.

A mistake of a rule is made in one step; the others go on rightly with what it left them. Its answer
is found for any formula, however the learner wrote it.
"""

from collections.abc import Iterator
from itertools import permutations

from chainrule.calculus.build import call, multiply, name, negative, number
from chainrule.calculus.matrix import MatrixDerivation, Quantity
from chainrule.calculus.matrix.rules import Place, products
from chainrule.calculus.rules import ALL_RULES, Mutation
from chainrule.calculus.tree import MatrixProduct, Name, Sum
from chainrule.records.message import Message

from .cause import Cause
from .matrix_function_mistakes import function_mistakes
from .matrix_walks import COTANGENT, Pulls, place_of, rule_at
from .stated_mistakes import STATED


def mistakes(quantity: Quantity, derivation: MatrixDerivation) -> Iterator[tuple[Cause, Pulls]]:
    """What can be got wrong with one part, and what its parts get then."""
    place = place_of(quantity, derivation)
    rule = rule_at(place)
    for mutation in rule.mutations:
        moving = rule.argument_letters.index(mutation.letter) in place.moving
        if moving and rule.can_be_made(mutation, place):
            made = Mutation(id=mutation.id, after="", message=mutation.message)
            pulls = rule.mutated(mutation, place, name(COTANGENT))
            yield Cause(made, "", quantity.node.id), pulls
    if len(place.moving) == 2 and rule.id in _OF_PRODUCTS:
        pulls = rule.pull(place, name(COTANGENT))
        for lost, lost_part in zip(sorted(pulls, reverse=True), _LOST, strict=True):
            left = {i: pull for i, pull in pulls.items() if i != lost}
            yield Cause(lost_part, "product", quantity.node.id), left
        first, second = sorted(pulls)
        if place.parts[first] != place.parts[second]:  # of xᵀx nothing would be left
            for i in (second, first):  # which of the two terms comes first is free
                minus = {**pulls, i: negative(pulls[i])}
                yield Cause(_MINUS, "product", quantity.node.id), minus
            twice = one_place_twice(derivation.variable)
            for i in (first, second):
                doubled = {i: multiply(number(2), pulls[i])}
                yield Cause(twice, "product", quantity.node.id), doubled
    if rule.id == "entrywise-product" and len(place.parts) == 2:
        yield from _as_matrix_products(quantity, place)
        if len(place.moving) == 2 and not any(map(place.shape_of, place.parts)):
            added = {i: name(COTANGENT) for i in place.moving}
            yield Cause(_ADDED, "product", quantity.node.id), added
    if rule.id in ("entrywise-product", "dot") and len(place.moving) == 2:
        yield from _of_derivatives(quantity, place, derivation.variable)
    if len(place.moving) == 1 and rule.id == "dot":
        yield Cause(_FACTOR_LOST, "product", quantity.node.id), _without_factor(place)
    if len(place.moving) > 1 and isinstance(place.node, Sum):
        yield from _wrong_sums(rule.pull(place, name(COTANGENT)), quantity)
    yield from function_mistakes(quantity, place)


def _as_matrix_products(quantity: Quantity, place: Place) -> Iterator[tuple[Cause, Pulls]]:
    """Aᵀ G for A ⊙ X, as for A X, and G Aᵀ, as for X A."""
    (known,) = (e for e in rule_at(place).mutations if e.id.endswith("as-matrix-product"))
    mutation = Mutation(id=known.id, after="", message=known.message)
    for moves in place.moving:
        other = place.parts[1 - moves]
        if len(place.shape_of(other)) == 2:
            turned = call("transpose", other)
            for left, right in ((turned, name(COTANGENT)), (name(COTANGENT), turned)):
                pull = MatrixProduct(left=left, right=right)
                yield Cause(mutation, "", quantity.node.id), {moves: pull}


def _of_derivatives(
    quantity: Quantity, place: Place, variable: str
) -> Iterator[tuple[Cause, Pulls]]:
    """1 for the variable as a factor, times the derivative of the other one."""
    own = [isinstance(each, Name) and each.name == variable for each in place.parts]
    for i, other in permutations(place.moving):
        if own[i] and not own[other]:
            pull = multiply(name(COTANGENT), call("ones_like", place.parts[other]))
            yield Cause(_OF_DERIVATIVES, "product", quantity.node.id), {other: pull}


def one_place_twice(variable: str) -> Mutation:
    """That two places of the variable were taken for one, twice."""
    message = Message(
        "Both places at which {variable} stands were taken for the same, so that one term stands "
        "twice. Each place brings its own.",
        variable=variable,
    )
    return Mutation(id="one-place-twice", after="2 du*v", message=message)


def _wrong_sums(pulls: Pulls, quantity: Quantity) -> Iterator[tuple[Cause, Pulls]]:
    """One term of a sum left out, or with the other sign.

    Who makes a slip does the same. So these have ids of their own, beside which a slip is named;
    with numbers `sum-term-lost` stands for it.
    """
    for lost in pulls:
        left = {i: pull for i, pull in pulls.items() if i != lost}
        yield Cause(TERM_LOST, "sum", quantity.node.id), left
        yield Cause(_TERM_SIGN, "sum", quantity.node.id), {**left, lost: negative(pulls[lost])}


def _without_factor(place: Place) -> Pulls:
    """Of vᵀh the cotangent of h without the v before it: 1 for every entry."""
    (moves,) = place.moving
    return {moves: multiply(name(COTANGENT), call("ones_like", place.parts[moves]))}


_OF_PRODUCTS = frozenset({rule.id for rule in products.RULES} | {"entrywise-product"})
_LOST = tuple(
    mutation
    for wanted in ("product-second-lost", "product-first-lost")
    for mutation in ALL_RULES["product"].mutations
    if mutation.id == wanted
)

_MINUS, _OF_DERIVATIVES = (
    next(each for each in ALL_RULES["product"].mutations if each.id == wanted)
    for wanted in ("product-minus", "product-of-derivatives")
)
_ADDED = next(each for _, each in STATED if each.id == "product-added")
_FACTOR_LOST = Mutation(
    id="vector-factor-lost",
    after="du",
    message="The vector before it is missing: of vᵀh each entry of h has the slope that v has "
    "there.",
)
TERM_LOST = Mutation(
    id="gradient-term-lost",
    after="du",
    message="A term of the sum was left out, though it moves too: the derivative of a sum has the "
    "derivative of each term.",
)
_TERM_SIGN = Mutation(
    id="gradient-term-sign",
    after="du - dv",
    message="A term has the other sign than in the sum: each derivative keeps the sign of its "
    "term.",
)
