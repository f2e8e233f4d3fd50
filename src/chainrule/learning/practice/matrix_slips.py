"""Slips in derivatives by vectors and matrices: one small change that makes an answer right.

As in `slips.py`, each part of the answer is changed in turn, and how many changes were tried says
what a hit is worth. Here a change is another tree, since shapes change with it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import chain

from chainrule.calculus.build import call, multiply, name, negative, number
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Unary,
    children,
    distinct,
)

from .matrix_asked import MatrixAsked
from .matrix_lost_factors import LostFactors
from .matrix_sites import Site
from .matrix_values import Replacing, Variants
from .slips import (
    RATES,
    SLIP_FACTOR,
    SLIP_FUNCTION,
    SLIP_NUMBER,
    SLIP_SIGN,
    SLIP_TERM,
    SLIPS,
    Slip,
    neighbours,
)

_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 0.5)
"""What may stand for a number."""

_SCALES = {each: number(each) for each in (2, 3, 4, 5, 6, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6)}
"""Numbers that may have been lost before a part, or be too much."""

_TAKEN_FOR_EACH_OTHER = {"softmax": "sigmoid", "sigmoid": "softmax"}
"""Functions of vectors that are written for each other, besides those of numbers."""

MOST_SITES = 30
"""Parts of an answer that are changed; no textbook's answer has more."""


_Change = tuple[Callable[[], Node], Mutation, float | None]
"""What makes a multiple of a part, the kind of that slip, and how many times the part it is at the
first point; None if that is no number."""


class SlipSearch:
    """Looks for the slip that leads from the right derivative to an answer.

    Args:
        root: What was answered, and is not right.
        asked: What is asked.
        variants: Where expressions are compared.
    """

    def __init__(self, root: Node, asked: MatrixAsked, variants: Variants) -> None:
        self._asked = asked
        self._variants = variants
        replacing = Replacing(root)
        parts = replacing.parts
        self._exponents = {id(each.exponent) for each in parts if isinstance(each, Power)}
        changed = [each for each in parts if not isinstance(each, Unary)][-MOST_SITES:]
        self._sites = [Site(replacing, each, variants) for each in changed]
        at, _ = variants.first
        self._letters = [(name(each), at.point[each]) for each in asked.derivation.names]

    def slip(self, terms: Sequence[Node], lost: LostFactors) -> Slip | None:
        """The slip; None if none does.

        Args:
            terms: Of the right derivative; one of them may be lost.
            lost: Of the answer as it was typed.
        """
        tried = dict.fromkeys((each.id for each in SLIPS), 0)
        hits = dict.fromkeys(tried, 0)
        for kind, is_right in chain(self._small_changes, self._with_terms(terms)):
            tried[kind.id] += 1
            hits[kind.id] += is_right
        tried[SLIP_FACTOR.id] += lost.tried
        if not any(hits.values()):
            hits[SLIP_FACTOR.id] += lost.hits
        fitting = [each for each in SLIPS if hits[each.id]]
        if not fitting:
            return None
        return Slip(
            mutation=fitting[0],
            kinds=frozenset(each.id for each in fitting),
            probability=sum(RATES[each.id] * hits[each.id] / tried[each.id] for each in fitting),
        )

    @cached_property
    def _small_changes(self) -> list[tuple[Mutation, bool]]:
        """All changes but those that need to know terms of the derivative."""
        return [*self._changes()]

    def _changes(self) -> Iterator[tuple[Mutation, bool]]:
        """The kind of each small change that leaves the answer a shape, and whether it is right."""
        asked, variants = self._asked, self._variants
        inverses = _has_inverses(asked.derivation.formula.root)  # whose exponent −1 may be left out
        for site in self._sites:
            node = site.part
            changes: list[_Change] = [(partial(negative, node), SLIP_SIGN, -1)]
            if isinstance(node, Number):
                changes += _other_numbers(node)
            elif id(node) not in self._exponents:
                changes += self._multiples(node)
            others = [*_other_parts(node, asked, inverses)]
            if inverses and isinstance(node, MatrixProduct) and _is_square(variants.shape(node)):
                others.append((call("inverse", node), SLIP_NUMBER))
            for made, kind, scale in changes:
                if (found := site.is_right_times(scale, made)) is not None:
                    yield kind, found
            for other, kind in others:
                if (found := site.is_right(other)) is not None:
                    yield kind, found

    def _multiples(self, node: Node) -> Iterator[_Change]:
        for scale, factor in _SCALES.items():
            yield partial(multiply, factor, node), SLIP_NUMBER, scale
        shape = self._variants.shape(node)
        for letter, value in self._letters:
            if value.shape in ((), shape):
                times = None if value.shape else float(value)
                yield partial(multiply, letter, node), SLIP_FACTOR, times

    def _with_terms(self, missing: Sequence[Node]) -> Iterator[tuple[Mutation, bool]]:
        """The same of a term more."""
        variants = self._variants
        for site in self._sites:
            node = site.part
            if isinstance(node, Number) or id(node) in self._exponents:
                continue
            shape = variants.shape(node)
            for each in missing:
                if variants.shape(each) == shape:
                    for sign in ("+", "-"):
                        found = site.is_right(Sum(terms=(node, each), operators=(sign,)))
                        if found is not None:
                            yield SLIP_TERM, found


def _has_inverses(root: Node) -> bool:
    calls = {each.function for each in distinct(root) if isinstance(each, Call)}
    return not calls.isdisjoint({"inverse", "det", "logdet"})


def _is_square(shape: Shape | None) -> bool:
    return shape is not None and len(shape) == 2 and shape[0] == shape[1]


def _other_numbers(node: Number) -> Iterator[_Change]:
    for each in _NUMBERS:
        if each != node.value:
            scale = each / node.value if node.value else None
            yield partial(number, each), SLIP_NUMBER, scale


def _other_parts(node: Node, asked: MatrixAsked, inverses: bool) -> Iterator[tuple[Node, Mutation]]:
    """With a part of it too few, or another name or function in its place."""
    names = asked.derivation.names
    match node:
        case Name():
            for each, shape in names.items():
                if shape == names[node.name] and each != node.name:
                    yield name(each), SLIP_FUNCTION
            if inverses and _is_square(names[node.name]):
                yield call("inverse", node), SLIP_NUMBER
        case Sum():
            for i in range(len(node.terms)):
                yield _without(node, i), SLIP_TERM
        case Product() | MatrixProduct():
            for part in children(node):
                yield part, SLIP_FACTOR
        case Call() if len(node.arguments) == 1:
            for other in neighbours(node):
                yield other, SLIP_FUNCTION
            if node.function in _TAKEN_FOR_EACH_OTHER:
                other = call(_TAKEN_FOR_EACH_OTHER[node.function], *node.arguments)
                yield other, SLIP_FUNCTION
            if node.function == "inverse":
                yield node.arguments[0], SLIP_NUMBER
        case _:
            pass


def _without(node: Sum, at: int) -> Node:
    signed = zip(node.terms, ("+", *node.operators), strict=True)
    kept = [negative(each) if sign == "-" else each for each, sign in signed]
    del kept[at]
    total = kept[0]
    for each in kept[1:]:
        total = Sum(terms=(total, each), operators=("+",))
    return total
