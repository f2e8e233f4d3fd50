"""Factors of the right derivative that an answer of vectors and matrices lacks in one place."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

from chainrule.calculus import FormulaError
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.tree import Node

from .matrix_answers import MatrixReader
from .matrix_edits import flat, products, with_factor
from .matrix_sites import Site
from .matrix_values import Replacing, Variants


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
        found = 0
        readers = self._variants.fitting(self._typed)
        for product, there in self._products:
            ways = [_Longer(self._replacing, product, self._variants, each) for each in readers]
            for factor in self._factors:
                found += _hits(ways, factor, with_factor(there, factor))
        return found

    @cached_property
    def _replacing(self) -> Replacing:
        return Replacing(flat(self._typed))

    @cached_property
    def _products(self) -> list[tuple[Node, list[Node]]]:
        return [*products(self._replacing.root)]


def _hits(ways: "Sequence[_Longer]", factor: Node, made: Sequence[Node]) -> int:
    """In how many places a factor makes an answer right; a number does in all of them or none."""
    if ways[0].is_number(factor):
        return len(made) * any(each.is_right(made[0], factor, 0) for each in ways)
    return sum(
        any(each.is_right(one, factor, place) for each in ways) for place, one in enumerate(made)
    )


class _Longer:
    """An answer in one meaning, a product of which has one factor more.

    Args:
        replacing: The answer as it was typed.
        product: Of it, or a term that is a product of one factor.
        variants: Where expressions are compared.
        reader: What products mean.
    """

    def __init__(
        self, replacing: Replacing, product: Node, variants: Variants, reader: MatrixReader
    ) -> None:
        self._replacing = replacing
        self._product = product
        self._variants = variants
        self._reader = reader
        self._sites: dict[tuple[int, Shape | None, bool], Site | None] = {}

    def is_number(self, factor: Node) -> bool:
        """Whether a factor is one."""
        return self._variants.shape(factor) == ()

    def is_right(self, made: Node, factor: Node, place: int) -> bool:
        """Whether the answer is right.

        Args:
            made: The product with one factor more.
            factor: It.
            place: Where it stands in the product.
        """
        with suppress(FormulaError):
            read = self._reader(factor)
            # what products mean, and whether parts fit, depends on the shapes of factors alone
            kind = place, self._variants.shape(read), self._reader.is_row(read)
            if kind not in self._sites:
                self._sites[kind] = self._site(made, read)
            site = self._sites[kind]
            return site is not None and bool(site.is_right(read))
        return False

    def _site(self, made: Node, read: Node) -> Site | None:
        """The place of a factor in the longer answer; None without the shape that is asked for."""
        with suppress(FormulaError):
            whole = self._reader(self._replacing(self._product, made))
            if self._variants.is_of_shape(whole):
                replacing = Replacing(whole)
                # a reader keeps the objects that it has read: in all sets the factor was found
                found = any(each is read for each in replacing.parts)
                return Site(replacing, read, self._variants) if found else None
        return None
