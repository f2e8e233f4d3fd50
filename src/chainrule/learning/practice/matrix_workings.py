"""Gradients by vectors and matrices with one mistake of a rule in them, as values.

Walking back from the result, each part hands a cotangent to its parts. A mistake of a rule is made
in one of these steps; the others go on rightly with what it left them. Its answer is found for any
formula, however the learner wrote it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import call, exact, multiply, name, negative, number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import MatrixDerivation, MatrixEvaluation, Quantity
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.pulling import rule_of
from chainrule.calculus.matrix.rules import MatrixRule, Place, products
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import ALL_RULES, Mutation, Task, rules_for
from chainrule.calculus.tree import Call, Name, Node, Power, Product, Quotient, Sum, children
from chainrule.records.message import Message

from .cause import Cause, mutated
from .matrix_asked import MatrixAsked
from .matrix_values import same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

COTANGENT = "cotangent of the whole"
"""A name that no formula can have."""

Pulls = Mapping[int, Node]
"""What each part gets, in terms of `COTANGENT` and the parts, by its place."""


def wrong_gradients(asked: MatrixAsked) -> "Iterator[tuple[Cause, WrongGradient]]":
    """Each mistake of a rule with the gradient that it leads to, at the points of what is asked.

    Those that have no value, or come to the right gradient or to that of one before, are left out.

    Args:
        asked: What is asked; of a vector the rows of its Jacobian are walked to one by one.
    """
    derivation = asked.derivation
    try:
        walks = [_Walk(derivation, point) for point in asked.points]
    except (DomainError, FormulaError, ValueError):
        return
    known: list[WrongGradient] = []
    for quantity in reversed(derivation.quantities):
        if quantity.name == derivation.variable:
            continue
        for cause, pulls in mistakes(quantity, derivation):
            found = WrongGradient(walks, quantity.name, pulls)
            if found.exists and not found.is_at(asked.right) and not any(map(found.is_as, known)):
                known.append(found)
                yield cause, found


class WrongGradient:
    """The gradient with one mistake in it; at the second point only if it fits at the first.

    Args:
        walks: The ways back, one a point.
        where: The quantity at which the mistake was made.
        pulls: What its parts get then.
    """

    def __init__(self, walks: "Sequence[_Walk]", where: str, pulls: Pulls) -> None:
        self._walks = walks
        self._where = where
        self._pulls = pulls
        self._known: dict[int, Values] = {}

    @property
    def exists(self) -> bool:
        """Whether it has a value; that shapes do not fit is how one shows such a mistake."""
        try:
            self._at(0)
        except (DomainError, FormulaError, ValueError):
            return False
        return True

    def is_at(self, wanted: "Sequence[Values]") -> bool:
        """Whether these are its values."""
        try:
            return all(same([self._at(i)], [each]) for i, each in enumerate(wanted))
        except (DomainError, FormulaError, ValueError):
            return False

    def is_as(self, other: "WrongGradient") -> bool:
        """Whether it has the values of another."""
        try:
            points = range(len(self._walks))
            return all(same([self._at(i)], [other._at(i)]) for i in points)
        except (DomainError, FormulaError, ValueError):
            return False

    def _at(self, point: int) -> "Values":
        if point not in self._known:
            self._known[point] = self._walks[point].derivative(self._where, self._pulls)
        return self._known[point]


class _Walk:
    """The way back from the result at one point.

    As far as a mistake it is the right one, so that it is gone once for all of them.
    """

    def __init__(self, derivation: MatrixDerivation, point: "Mapping[str, Values]") -> None:
        self._derivation = derivation
        at = MatrixEvaluation(dict(point))
        values = {each.name: at(each.node) for each in derivation.quantities}
        self._values = {**point, **values}
        self._pulls = {
            each.name: rightly(each, derivation)
            for each in derivation.quantities
            if each.name != derivation.variable
        }
        self._way = [
            each for each in reversed(derivation.quantities) if each.name != derivation.variable
        ]
        self._places = {each.name: place for place, each in enumerate(self._way)}
        self._going = Lock()  # two answers to one question may be graded at once
        self._so_far: list[list[dict[str, Values]]] = [
            [{self._way[0].name: seed}] for seed in self._seeds()
        ]

    def derivative(self, where: str, instead: Pulls) -> "Values":
        """The gradient, or the Jacobian, with other pulls at one quantity."""
        with self._going:
            rows = [self._gradient(so_far, where, instead) for so_far in self._so_far]
        if self._derivation.is_number:
            return rows[0]
        shape = self._derivation.quantities[-1].shape
        return np.stack(rows).reshape(*shape, *self._derivation.variable_shape)

    def _seeds(self) -> "list[Values]":
        if self._derivation.is_number:
            return [np.ones(())]
        shape = self._derivation.quantities[-1].shape
        return [*np.eye(math.prod(shape)).reshape(-1, *shape)]

    def _gradient(self, so_far: "list[dict[str, Values]]", where: str, instead: Pulls) -> "Values":
        place = self._places[where]
        while len(so_far) <= place:
            before = self._way[len(so_far) - 1]
            so_far.append(self._after(so_far[-1], before, self._pulls[before.name]))
        sums = self._after(so_far[place], self._way[place], instead)
        for quantity in self._way[place + 1 :]:
            sums = self._after(sums, quantity, self._pulls[quantity.name])
        found = sums.get(self._derivation.variable, np.zeros(()))
        return np.broadcast_to(found, self._derivation.variable_shape)

    def _after(
        self, sums: "dict[str, Values]", quantity: Quantity, pulls: Pulls
    ) -> "dict[str, Values]":
        """What the parts have got once a quantity has handed them its share."""
        if quantity.name not in sums:
            return sums
        whole = np.broadcast_to(sums[quantity.name], quantity.shape)
        at = MatrixEvaluation({**self._values, COTANGENT: whole})
        found = dict(sums)
        for place, pull in pulls.items():
            part = children(quantity.local)[place]
            assert isinstance(part, Name)
            got = _of_shape(at(pull), self._values[part.name].shape)
            found[part.name] = found.get(part.name, np.zeros(())) + got
        return found


def _of_shape(value: "Values", shape: Shape) -> "Values":
    """A cotangent in the shape of its part: summed where that was stretched, ValueError if none."""
    if value.ndim > len(shape):
        value = value.sum(axis=tuple(range(value.ndim - len(shape))))
    axes = tuple(i for i, size in enumerate(shape[::-1], 1) if size == 1 < value.shape[-i:][0])
    if axes:
        value = value.sum(axis=tuple(-i for i in axes), keepdims=True)
    return np.broadcast_to(value, shape)


def _place(quantity: Quantity, derivation: MatrixDerivation) -> Place:
    known = {each.name: each.shape for each in derivation.quantities}
    shapes = Shapes({**derivation.names, **known, COTANGENT: quantity.shape})
    parts = children(quantity.local)
    moving = [i for i, each in enumerate(parts) if isinstance(each, Name) and each.name in known]
    return Place(
        node=quantity.local,
        result=name(quantity.name),
        shape_of=shapes,
        moving=tuple(moving),
        text=derivation.formula.text,
        origin=quantity.node,
    )


def _rule(place: Place) -> MatrixRule:
    shapes = place.shape_of
    assert isinstance(shapes, Shapes)
    return rule_of(place.node, shapes)


def rightly(quantity: Quantity, derivation: MatrixDerivation) -> Pulls:
    """What the parts of a quantity get."""
    place = _place(quantity, derivation)
    return _rule(place).pull(place, name(COTANGENT))


def mistakes(quantity: Quantity, derivation: MatrixDerivation) -> Iterator[tuple[Cause, Pulls]]:
    """What can be got wrong with one part, and what its parts get then."""
    place = _place(quantity, derivation)
    rule = _rule(place)
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
            minus = {first: pulls[first], second: negative(pulls[second])}
            yield Cause(_MINUS, "product", quantity.node.id), minus
    if len(place.moving) == 1 and rule.id == "dot":
        yield Cause(_FACTOR_LOST, "product", quantity.node.id), _without_factor(place)
    if len(place.moving) > 1 and isinstance(place.node, Sum):
        yield from _wrong_sums(rule.pull(place, name(COTANGENT)), quantity)
    if len(place.moving) == 2 and isinstance(place.node, Quotient):
        for cause, slopes in _wrong_quotients(place.node):
            yield (
                Cause(cause.mutation, cause.rule, quantity.node.id),
                {i: multiply(name(COTANGENT), slope) for i, slope in enumerate(slopes)},
            )
    if len(place.moving) == 1 and _is_function(place.node):
        (moves,) = place.moving
        for cause, slope in _wrong_slopes(place.node, children(place.node)[moves]):
            pull = multiply(name(COTANGENT), slope)
            yield Cause(cause.mutation, cause.rule, quantity.node.id), {moves: pull}


def _is_function(node: Node) -> bool:
    if isinstance(node, Call):
        return FUNCTIONS[node.function].kind == "elementwise" and node.function != "where"
    if isinstance(node, Product):
        return sum(exact(each) is None for each in node.factors) == 1
    return isinstance(node, Power)


def _wrong_sums(pulls: Pulls, quantity: Quantity) -> Iterator[tuple[Cause, Pulls]]:
    """One term of a sum left out, or with the other sign.

    Who makes a slip does the same. So these have ids of their own, beside which a slip is named;
    with numbers `sum-term-lost` stands for it.
    """
    for lost in pulls:
        left = {i: pull for i, pull in pulls.items() if i != lost}
        yield Cause(_TERM_LOST, "sum", quantity.node.id), left
        yield Cause(_TERM_SIGN, "sum", quantity.node.id), {**left, lost: negative(pulls[lost])}


def _without_factor(place: Place) -> Pulls:
    """Of vᵀh the cotangent of h without the v before it: 1 for every entry."""
    (moves,) = place.moving
    return {moves: multiply(name(COTANGENT), call("ones_like", place.parts[moves]))}


def _wrong_quotients(node: Quotient) -> Iterator[tuple[Cause, list[Node]]]:
    """What numerator and denominator are multiplied by, as people get it wrong."""
    above, below = node.numerator, node.denominator
    assert isinstance(above, Name)
    assert isinstance(below, Name)
    time = "time"
    task = Task(variable=time, moving=frozenset({above.name, below.name}), definitions={})
    for rule in rules_for(node):
        applied = rule.apply(node, task)
        if applied is None:
            continue
        for cause, wrong in mutated(rule, applied, node, task, -1):
            operands = [part.operand for part in wrong.parts]
            if operands == [above, below]:
                yield (
                    cause,
                    [wrong.make([number(1), number(0)]), wrong.make([number(0), number(1)])],
                )
            elif operands == [above]:  # the denominator was held
                yield cause, [wrong.make([number(1)]), number(0)]
            elif operands == [below]:
                yield cause, [number(0), wrong.make([number(1)])]
        break


def _wrong_slopes(node: Node, inside: Node) -> Iterator[tuple[Cause, Node]]:
    """The slope of a function of numbers as people get it wrong."""
    assert isinstance(inside, Name)
    task = Task(variable=inside.name, moving=frozenset({inside.name}), definitions={})
    for rule in rules_for(node):
        applied = rule.apply(node, task)
        if applied is None:
            continue
        for cause, wrong in mutated(rule, applied, node, task, -1):
            if cause.mutation.id == "power-of-derivative":
                continue  # of a slope alone it is the power left out, which `_POWER_LOST` says
            if cause.mutation.id == "power-factor-lost" and exact(children(node)[1]) == 2:
                cause = Cause(TWO_LOST, "", -1)
            if cause.mutation.id == "multiple-lost":
                cause = Cause(_MULTIPLE_LOST, "linear", -1)
            if all(isinstance(part.operand, Name) for part in wrong.parts):
                yield cause, wrong.make([number(1)] * len(wrong.parts))
        break
    if isinstance(node, Power):
        yield Cause(_POWER_LOST, "chain", -1), number(1)
        yield Cause(_BASE_LOST, "power", -1), node.exponent
    if isinstance(node, Call):
        yield Cause(_KEPT, "chain", -1), node
        message = Message(
            "The slope of {function} is missing: each entry is multiplied by it.",
            function=node.text,
        )
        yield Cause(Mutation(id="slope-lost", after="du", message=message), "chain", -1), number(1)


TWO_LOST = Mutation(
    id="two-lost",
    after="",
    message="The factor 2 is missing: it comes down from the square, or from two places.",
)
_OF_PRODUCTS = frozenset({rule.id for rule in products.RULES} | {"entrywise-product"})
_LOST = tuple(
    mutation
    for wanted in ("product-second-lost", "product-first-lost")
    for mutation in ALL_RULES["product"].mutations
    if mutation.id == wanted
)

_MINUS = next(each for each in ALL_RULES["product"].mutations if each.id == "product-minus")
_FACTOR_LOST = Mutation(
    id="vector-factor-lost",
    after="du",
    message="The vector before it is missing: of vᵀh each entry of h has the slope that v has "
    "there.",
)
_MULTIPLE_LOST = Mutation(
    id="gradient-multiple-lost",
    after="du",
    message="The number in front is missing: a multiple has the same multiple of the derivative.",
)
_TERM_LOST = Mutation(
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
_POWER_LOST = Mutation(
    id="power-slope-lost",
    after="du",
    message="The inside was differentiated and the power left out: the power has a slope too, "
    "n·uⁿ⁻¹, and it is a factor.",
)
_BASE_LOST = Mutation(
    id="power-base-lost",
    after="n du",
    message="The exponent came down, and the power that is left of it, uⁿ⁻¹, is missing.",
)
_KEPT = Mutation(
    id="chain-outer-lost",
    after="f*du",
    message="The outer function was left as it is: it has to be differentiated too.",
)
