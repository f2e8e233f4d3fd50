"""Values of vectors and matrices at which answers are compared: both signs, and probabilities.

An activation is one thing left of its kink and another thing right of it, so that an answer which
holds on one side only is told from the right one. Entries have both signs where the formula has
values there; what has to be a probability or the number of a class is one.
"""

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.matrix import MatrixDerivation, MatrixEvaluation
from chainrule.calculus.matrix.class_numbers import class_numbers
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import RULES, Rule
from chainrule.calculus.tree import Call, Name, Node, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Point = dict[str, Values]

POINTS = 3
"""Random values at which an answer is compared: of two different formulas one is enough, three
leave no doubt. At the first all entries are positive, so that an answer has a value there."""

TRIES = 40
"""Draws until a point is in the domain."""

SIGNED_TRIES = 6
"""Draws with both signs until one is given up: where a formula has values on half of all, as
log det has, one of six is among them 98 times of 100."""

SMALLEST, LARGEST = 0.3, 1.9
"""Sizes of entries: away from 0, where kinks are and quotients have no value, and of one order."""

FURTHER_SIZES = (0.2, 4.0)
"""How many times as large entries are where a formula has no value else: log(1 − xᵀx) has some for
small vectors alone, and sqrt(norm(x) − 4) for large ones."""

LEAST_PROBABILITY, GREATEST_PROBABILITY = 0.1, 0.9
"""Of what a loss takes for a probability, away from 0 and 1, where logarithms have no value."""


def drawn(
    derivation: MatrixDerivation, derivative: "Callable[[Point], Values]"
) -> "tuple[list[Point], list[Values]]":
    """Points and the derivative at them; fewer than `POINTS` where the formula has too few values.

    Args:
        derivation: Of what is asked.
        derivative: At a point; DomainError if it has none.
    """
    return _Draw(derivation, derivative).points()


class _Draw:
    def __init__(
        self, derivation: MatrixDerivation, derivative: "Callable[[Point], Values]"
    ) -> None:
        self._derivation = derivation
        self._derivative = derivative
        self._source = np.random.default_rng(0)
        root = derivation.formula.root
        self._classes = class_numbers(root, Shapes(derivation.names))
        self._rows = _targets(root, Shapes(derivation.names))
        self._probabilities = _probabilities(root)
        self._size = 1.0
        self._borders = [*_borders(root)]
        self._unseen: set[tuple[int, int]] = {
            (i, sign) for i in range(len(self._borders)) for sign in (-1, 1)
        }

    def points(self) -> "tuple[list[Point], list[Values]]":
        points: list[Point] = []
        right: list[Values] = []
        signed: Collection[str] | None = None
        for i in range(POINTS):
            found = None
            if i:
                signed = self._signed() if signed is None else signed
                found = self._first(signed, SIGNED_TRIES, seeing=True) if signed else None
            for size in (1.0, *FURTHER_SIZES) if found is None else ():
                self._size = size
                found = found or self._first((), TRIES)
            self._size = 1.0
            if found is None:
                return points, right
            self._unseen -= self._seen(found[0])
            points.append(found[0])
            right.append(found[1])
        return points, right

    def _signed(self) -> Collection[str]:
        """Names whose entries may have both signs: all, or those that may one by one."""
        names = [*self._derivation.names]
        if self._first(names, SIGNED_TRIES) is not None:
            return names
        found = [each for each in names if self._first((each,), SIGNED_TRIES) is not None]
        return found if self._first(found, SIGNED_TRIES) is not None else found[:1]

    def _first(
        self, signed: Collection[str], tries: int, *, seeing: bool = False
    ) -> "tuple[Point, Values] | None":
        """The first point in the domain; of those that see a side of a kink one if there is."""
        best = None
        for _ in range(tries):
            point = self._point(signed)
            try:
                at = MatrixEvaluation(point)
                for quantity in self._derivation.quantities:  # a mistake may be one on the way
                    at(quantity.node)
                found = point, self._derivative(point)
            except DomainError:
                continue
            if not seeing or not self._unseen or self._unseen & self._seen(point):
                return found
            best = best or found
        return best

    def _seen(self, point: "Point") -> set[tuple[int, int]]:
        """Which sides of which borders some entries are on at a point."""
        at = MatrixEvaluation(point)
        found = set()
        for i, border in enumerate(self._borders):
            try:
                signs = np.sign(at(border)).ravel()
            except (DomainError, FormulaError):
                continue
            found |= {(i, int(sign)) for sign in {*signs.tolist()} if sign}
        return found

    def _point(self, signed: Collection[str]) -> "Point":
        return {name: self._value(name, name in signed) for name in self._derivation.names}

    def _value(self, name: str, signed: bool) -> "Values":
        shape: Shape = self._derivation.names[name]
        if name in self._classes:
            return np.asarray(self._source.integers(0, self._classes[name], shape), np.float64)
        if name in self._probabilities:
            low, high = LEAST_PROBABILITY, GREATEST_PROBABILITY
            return np.asarray(self._source.uniform(low, high, shape))
        value = np.asarray(self._size * self._source.uniform(SMALLEST, LARGEST, shape))
        if name in self._rows:
            return np.asarray(value / value.sum(axis=self._rows[name], keepdims=True))
        if signed:
            value = value * self._source.choice((-1.0, 1.0), shape)
        return np.asarray(value)


def _targets(root: Node, shapes: Shapes) -> dict[str, int]:
    """Names of the targets of a cross entropy, and the axis along which these add up to 1."""
    found = {}
    for node in distinct(root):
        if not isinstance(node, Call) or node.function != "cross_entropy":
            continue
        scores, target = node.arguments
        turned = isinstance(target, Call) and target.function == "transpose"
        inner = target.arguments[0] if isinstance(target, Call) and turned else target
        if isinstance(inner, Name) and shapes(target) == shapes(scores):
            found[inner.name] = 0 if turned else -1
    return found


def _probabilities(root: Node) -> set[str]:
    """Names that hold one probability each: both sides of a binary cross entropy."""
    places = {"binary_cross_entropy": (0, 1), "bce_with_logits": (1,)}
    losses = [each for each in distinct(root) if isinstance(each, Call)]
    held = [each.arguments[i] for each in losses for i in places.get(each.function, ())]
    return {each.name for each in held if isinstance(each, Name)}


def _borders(root: Node) -> Iterator[Node]:
    """What decides by its sign which case of an activation holds."""
    for node in distinct(root):
        if isinstance(node, Call):
            for rule in _BORDERED:
                yield from rule.borders(node)


_BORDERED = tuple(rule for rule in RULES if type(rule).borders is not Rule.borders)
