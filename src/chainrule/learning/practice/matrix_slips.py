"""Slips in derivatives by vectors and matrices: one small change that makes an answer right.

As in `slips.py`, each part of the answer is changed in turn, and how many changes were tried says
what a hit is worth. Here a change is another tree, since shapes change with it.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain

from chainrule.calculus import FormulaError
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

from .matrix_answers import MatrixReader
from .matrix_asked import MatrixAsked
from .matrix_edits import beside, flat, products, with_factor
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

_SCALES = (2, 3, 4, 5, 6, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6)
"""Numbers that may have been lost before a part, or be too much."""

_TAKEN_FOR_EACH_OTHER = {"softmax": "sigmoid", "sigmoid": "softmax"}
"""Functions of vectors that are written for each other, besides those of numbers."""

MOST_SITES = 30
"""Parts of an answer that are changed; no textbook's answer has more."""


class LostFactors:
    """An answer with one factor of the right derivative more, in each place of its products.

    A factor that it lacks may be the one that made its parts fit, so this is of the answer as it
    was typed. What its products mean is settled if they fit in one meaning alone.

    Args:
        typed: The answer.
        factors: Of the right derivative.
        variants: Where expressions are compared.
    """

    def __init__(self, typed: Node, factors: Sequence[Node], variants: Variants) -> None:
        self._typed = typed
        self._factors = factors
        self._variants = variants

    @cached_property
    def tried(self) -> int:
        """How many there are."""
        places = sum(len(factors) + 1 for _, factors in self._products)
        return places * len(self._factors)

    @cached_property
    def hits(self) -> int:
        """How many are right."""
        readers = self._variants.fitting(self._typed)
        return sum(
            self._right(_Longer(self._replacing, product, there, self._variants, readers))
            for product, there in self._products
        )

    def _right(self, longer: "_Longer") -> int:
        return sum(map(longer.right, self._factors))

    @cached_property
    def _replacing(self) -> Replacing:
        return Replacing(flat(self._typed))

    @cached_property
    def _products(self) -> list[tuple[Node, list[Node]]]:
        return [*products(self._replacing.root)]


class _Longer:
    """A product of an answer with one factor more.

    Args:
        replacing: The answer as it was typed.
        product: Of it, or a term that is a product of one factor.
        there: Its factors.
        variants: Where expressions are compared.
        readers: What products can mean.
    """

    def __init__(
        self,
        replacing: Replacing,
        product: Node,
        there: Sequence[Node],
        variants: Variants,
        readers: Sequence[MatrixReader],
    ) -> None:
        self._replacing = replacing
        self._product = product
        self._there = there
        self._variants = variants
        self._sites = [(reader, self._site(reader)) for reader in readers]

    def right(self, factor: Node) -> int:
        """In how many places the factor makes the answer right.

        A number does so in all places or in none.
        """
        made = with_factor(self._there, factor)
        if self._variants.shape(factor) == ():
            return (len(self._there) + 1) * self._is_right(next(made))
        return sum(map(self._is_right, made))

    def _is_right(self, made: Node) -> bool:
        return any(self._is_right_as(made, reader, site) for reader, site in self._sites)

    def _is_right_as(self, made: Node, reader: MatrixReader, site: Site | None) -> bool:
        with suppress(FormulaError):
            read = reader(made)
            if site is not None and self._is_read_alike(read, reader, site):
                return bool(site.is_right(read))
            return self._variants.is_right(reader(self._replacing(self._product, made)))
        return False

    def _is_read_alike(self, read: Node, reader: MatrixReader, site: Site) -> bool:
        """Whether what holds the product is read as it is without the factor."""
        variants = self._variants
        return variants.shape(read) == variants.shape(site.part) and (
            reader.is_row(read) == reader.is_row(site.part)
        )

    def _site(self, reader: MatrixReader) -> Site | None:
        """The place of the product in the answer as it is read; None if it is not read as such."""
        with suppress(FormulaError):
            plain = beside(self._there)
            read = Replacing(reader(self._replacing(self._product, plain)))
            part = reader(plain)
            if any(each is part for each in read.parts):
                return Site(read, part, self._variants)
        return None


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
            changes: list[_Change] = [(negative(node), SLIP_SIGN, -1)]
            if isinstance(node, Number):
                changes += _other_numbers(node)
            elif id(node) not in self._exponents:
                changes += _multiples(node, asked, variants)
            changes += _other_parts(node, asked, inverses)
            if inverses and isinstance(node, MatrixProduct) and _is_square(variants.shape(node)):
                changes.append((call("inverse", node), SLIP_NUMBER, None))
            for other, kind, scale in changes:
                found = site.is_right(other, scale)
                if found is not None:
                    yield kind, found

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


_Change = tuple[Node, Mutation, float | str | None]
"""What stands for a part, the kind of that slip, and what times the part it is: a number, or the
name of one; None if it is no multiple."""


def _other_numbers(node: Number) -> Iterator[_Change]:
    for each in _NUMBERS:
        if each != node.value:
            yield number(each), SLIP_NUMBER, each / node.value if node.value else None


def _multiples(node: Node, asked: MatrixAsked, variants: Variants) -> Iterator[_Change]:
    for scale in _SCALES:
        yield multiply(number(scale), node), SLIP_NUMBER, scale
    for each, shape in asked.derivation.names.items():
        if shape in ((), variants.shape(node)):
            yield multiply(name(each), node), SLIP_FACTOR, None if shape else each


def _other_parts(node: Node, asked: MatrixAsked, inverses: bool) -> Iterator[_Change]:
    """With a part of it too few, or another name or function in its place."""
    names = asked.derivation.names
    match node:
        case Name():
            for each, shape in names.items():
                if shape == names[node.name] and each != node.name:
                    yield name(each), SLIP_FUNCTION, None
            if inverses and _is_square(names[node.name]):
                yield call("inverse", node), SLIP_NUMBER, None
        case Sum():
            for i in range(len(node.terms)):
                yield _without(node, i), SLIP_TERM, None
        case Product() | MatrixProduct():
            for part in children(node):
                yield part, SLIP_FACTOR, None
        case Call() if len(node.arguments) == 1:
            for other in neighbours(node):
                yield other, SLIP_FUNCTION, None
            if node.function in _TAKEN_FOR_EACH_OTHER:
                other = call(_TAKEN_FOR_EACH_OTHER[node.function], *node.arguments)
                yield other, SLIP_FUNCTION, None
            if node.function == "inverse":
                yield node.arguments[0], SLIP_NUMBER, None
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
