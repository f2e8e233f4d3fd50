"""Ways back from a result to a vector or matrix, at one point, with other steps on them.

Walking back from the result, each part hands a cotangent to its parts. Where one step is made
wrongly, the others go on rightly with what it left them: so a mistake of a rule leads to its
gradient in any formula, however the learner wrote it.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import name
from chainrule.calculus.matrix import MatrixDerivation, MatrixEvaluation, Quantity
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.pulling import rule_of
from chainrule.calculus.matrix.rules import MatrixRule, Place
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Name, Node, children, distinct

from .matrix_values import same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

COTANGENT = "cotangent of the whole"
"""A name that no formula can have."""

_GRADIENT = "gradient of "
"""Before the name of a number on the way: its gradient by the variable, in what a step hands on."""

VARIABLE = -1
"""The place in `Pulls` of what goes to the variable itself, past all parts."""

Pulls = Mapping[int, Node]
"""What each part gets, in terms of `COTANGENT` and the parts, by its place."""


_COTANGENT_OF = "cotangent of "
"""Before the name of a quantity: its own cotangent, in what a step nearer the variable hands on."""


def cotangent_of(quantity: str) -> Name:
    """What stands in a step for the cotangent of a quantity before it on the way back."""
    return name(_COTANGENT_OF + quantity)


def gradient_of(quantity: str) -> Name:
    """What stands in a step for the gradient of a number on the way."""
    return name(_GRADIENT + quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is done otherwise on a way back.

    Attributes:
        pulls: What the parts of a quantity get instead, by its name.
        values: What is taken for the value of a quantity, in terms of those before it; what is
            made of that is computed anew.
        seen_by: The quantities at whose steps these values are used.
        keeping: Quantities whose own value stays as it is even there.
    """

    pulls: Mapping[str, Pulls] = field(default_factory=dict)
    values: Mapping[str, Node] = field(default_factory=dict)
    seen_by: frozenset[str] = frozenset()
    keeping: frozenset[str] = frozenset()


class WrongGradient:
    """The gradient with one mistake in it; at the second point only if it fits at the first.

    Args:
        walks: The ways back, one a point.
        wrong: The mistake.
    """

    def __init__(self, walks: "Sequence[Walk]", wrong: Wrong) -> None:
        self._walks = walks
        self._wrong = wrong
        self._known: dict[int, Values] = {}

    @property
    def first(self) -> "Values | None":
        """At the first point; None without a value, as of a mistake that shapes betray."""
        try:
            return self._at(0)
        except (DomainError, FormulaError, ValueError):
            return None

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
            self._known[point] = self._walks[point].derivative(self._wrong)
        return self._known[point]


class Walk:
    """The way back from the result at one point.

    As far as a mistake it is the right one, so that it is gone once for all of them.

    Args:
        derivation: What is walked back.
        point: A value for each of its names.
    """

    def __init__(self, derivation: MatrixDerivation, point: "Mapping[str, Values]") -> None:
        self._derivation = derivation
        at = MatrixEvaluation(dict(point))
        values = {each.name: at(each.node) for each in derivation.quantities}
        self._point = dict(point)
        self._values: dict[str, Values] = {**point, **values}
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
        self._gradients: dict[str, Values] = {}

    def derivative(self, wrong: Wrong) -> "Values":
        """The gradient, or the Jacobian, with something done otherwise.

        Where that leaves what the variable gets in another shape, it is of that shape.

        Raises:
            ValueError: If what another part gets does not have its shape.
        """
        seen = self._seen(wrong)
        with self._going:
            rows = [self._gradient(so_far, wrong, seen) for so_far in self._so_far]
        if self._derivation.is_number:
            return rows[0]
        shape = self._derivation.quantities[-1].shape
        return np.stack(rows).reshape(*shape, *self._derivation.variable_shape)

    def _seeds(self) -> "list[Values]":
        if self._derivation.is_number:
            return [np.ones(())]
        shape = self._derivation.quantities[-1].shape
        return [*np.eye(math.prod(shape)).reshape(-1, *shape)]

    def _seen(self, wrong: Wrong) -> "dict[str, Values]":
        """The values as they are where some are taken for others."""
        if not wrong.values:
            return self._values
        found: dict[str, Values] = {**self._point}
        for each in self._derivation.quantities:
            if each.name == self._derivation.variable:
                continue
            found[each.name] = self._values[each.name]
            with suppress(DomainError):  # of log(u), where only 1/u is needed
                found[each.name] = _value(wrong.values.get(each.name, each.local), found)
        return found

    def _gradient(
        self, so_far: "list[dict[str, Values]]", wrong: Wrong, seen: "dict[str, Values]"
    ) -> "Values":
        place = min(self._places[each] for each in (*wrong.pulls, *wrong.seen_by))
        while len(so_far) <= place:
            before = self._way[len(so_far) - 1]
            so_far.append(self._after(so_far[-1], before, self._pulls[before.name], self._values))
        sums = so_far[place]
        for quantity in self._way[place:]:
            pulls = wrong.pulls.get(quantity.name, self._pulls[quantity.name])
            values = self._values
            if quantity.name in wrong.seen_by:
                values = {**seen}
                if quantity.name in wrong.keeping:
                    values[quantity.name] = self._values[quantity.name]
            sums = self._after(sums, quantity, pulls, values)
        found = sums.get(self._derivation.variable, np.zeros(()))
        shape = self._derivation.variable_shape
        if _stretches(found, shape):
            return np.broadcast_to(found, shape)
        if self._derivation.is_number:
            return found
        raise ValueError(found.shape)

    def _of_number(self, quantity: str) -> "Values":
        """The gradient of a number on the way."""
        if quantity not in self._gradients:
            sums = {quantity: np.ones(())}
            for each in self._way[self._places[quantity] :] if quantity in self._places else ():
                sums = self._after(sums, each, self._pulls[each.name], self._values)
            found = sums.get(self._derivation.variable, np.zeros(()))
            self._gradients[quantity] = np.broadcast_to(found, self._derivation.variable_shape)
        return self._gradients[quantity]

    def _after(
        self,
        sums: "dict[str, Values]",
        quantity: Quantity,
        pulls: Pulls,
        values: "Mapping[str, Values]",
    ) -> "dict[str, Values]":
        """What the parts have got once a quantity has handed them its share."""
        if quantity.name not in sums:
            return sums
        whole = np.broadcast_to(sums[quantity.name], quantity.shape)
        found = dict(sums)
        for place, pull in pulls.items():
            got = self._handed(pull, whole, values, sums)
            part = (
                name(self._derivation.variable)
                if place == VARIABLE
                else children(quantity.local)[place]
            )
            assert isinstance(part, Name)
            last = part.name == self._derivation.variable
            shape = self._values[part.name].shape
            before = found.get(part.name)
            if before is not None and before.shape not in ((), shape):
                raise ValueError(before.shape)  # to what lacks the shape nothing can be added
            if not last or _sums_to(got, shape):
                got = _of_shape(got, shape)
            elif before is not None:
                raise ValueError(got.shape)
            found[part.name] = got if before is None else before + got
        return found

    def _handed(
        self,
        pull: Node,
        whole: "Values",
        values: "Mapping[str, Values]",
        sums: "Mapping[str, Values]",
    ) -> "Values":
        known = {COTANGENT: whole}
        for each in distinct(pull):
            if not isinstance(each, Name) or each.name == COTANGENT:
                continue
            if each.name.startswith(_GRADIENT):
                known[each.name] = self._of_number(each.name.removeprefix(_GRADIENT))
            elif each.name.startswith(_COTANGENT_OF):
                quantity = each.name.removeprefix(_COTANGENT_OF)
                shape = self._values[quantity].shape
                known[each.name] = np.broadcast_to(sums[quantity], shape)
        return _value(pull, {**values, **known})


def _value(node: Node, values: "Mapping[str, Values]") -> "Values":
    return MatrixEvaluation({each: values[each] for each in _names(node)})(node)


def _stretches(value: "Values", shape: Shape) -> bool:
    if value.ndim > len(shape):
        return False
    behind = shape[len(shape) - value.ndim :]
    return all(own in (1, size) for own, size in zip(value.shape, behind, strict=True))


def _sums_to(value: "Values", shape: Shape) -> bool:
    """Whether a value becomes one of a shape by sums and by stretching."""
    behind = value.shape[max(0, value.ndim - len(shape)) :]
    sizes = shape[len(shape) - len(behind) :]
    return all(own in (1, size) or size == 1 for own, size in zip(behind, sizes, strict=True))


def _of_shape(value: "Values", shape: Shape) -> "Values":
    """A cotangent in the shape of its part: summed where that was stretched, ValueError if none."""
    if value.ndim > len(shape):
        value = value.sum(axis=tuple(range(value.ndim - len(shape))))
    axes = tuple(i for i, size in enumerate(shape[::-1], 1) if size == 1 < value.shape[-i:][0])
    if axes:
        value = value.sum(axis=tuple(-i for i in axes), keepdims=True)
    return np.broadcast_to(value, shape)


def place_of(quantity: Quantity, derivation: MatrixDerivation) -> Place:
    """A quantity as a place for the rules of differentials."""
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


def rule_at(place: Place) -> MatrixRule:
    """The rule of a place."""
    shapes = place.shape_of
    assert isinstance(shapes, Shapes)
    return rule_of(place.node, shapes)


def rightly(quantity: Quantity, derivation: MatrixDerivation) -> Pulls:
    """What the parts of a quantity get."""
    place = place_of(quantity, derivation)
    return rule_at(place).pull(place, name(COTANGENT))


def made_of(wanted: str, derivation: MatrixDerivation) -> list[str]:
    """The quantities that are made of one, in the order of evaluation."""
    found = {wanted: None}
    for each in derivation.quantities:
        if each.name not in found and _names(each.local) & found.keys():
            found[each.name] = None
    return [*found][1:]


def _names(node: Node) -> set[str]:
    return {each.name for each in distinct(node) if isinstance(each, Name)}
