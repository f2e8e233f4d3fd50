"""Values of an answer of vectors and matrices, and whether they are those of the derivative."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Node,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)

from .matrix_answers import MatrixReader
from .matrix_asked import MatrixAsked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

CLOSE = 1e-8
"""Relative difference up to which two arrays are one: a dozen operations in float64 lose less."""


class Variants:
    """An answer and others made of it, at the points of what is asked; shared parts once.

    Args:
        asked: What is asked.

    Attributes:
        asked: It.
        first: The first point, which tells most expressions apart, and the derivative there.
        readers: What products mean in an answer: those of matrices, and a star entry by entry.
        turned_readers: The same where both kinds stand side by side, in the other order.
        beside_reader: With columns side by side entry by entry too.
    """

    def __init__(self, asked: MatrixAsked) -> None:
        self.asked = asked
        self._shapes = Shapes(asked.derivation.names)
        self._at = [MatrixEvaluation(point) for point in asked.points]
        self.first = self._at[0], asked.right[0]
        self.readers, self.turned_readers = (
            tuple(
                MatrixReader(self._shapes, stars_entrywise=starred, strictly=True, turned=turned)
                for starred in (False, True)
            )
            for turned in (False, True)
        )
        self.beside_reader = MatrixReader(
            self._shapes, stars_entrywise=True, strictly=True, beside=True
        )
        self._read: dict[int, tuple[Node, list[Node]]] = {}
        self._starred: dict[int, tuple[Node, bool]] = {}

    def check(self, root: Node) -> None:
        """Refuse an expression whose parts do not fit.

        Raises:
            FormulaError: If so; the message says which.
        """
        self._shapes(root)

    def shape(self, root: Node) -> Shape | None:
        """The shape of an expression; None if its parts do not fit."""
        try:
            return self._shapes(root)
        except FormulaError:
            return None

    def is_of_shape(self, root: Node) -> bool:
        """Whether an expression has the shape asked for."""
        return self.shape(root) == self.asked.shape

    def is_row(self, read: Node) -> bool:
        """Whether an answer that one of the readers made is a row, and so no column."""
        return any(each.is_row(read) for each in (*self.readers, *self.turned_readers))

    def parentheses(self, read: Node) -> list[str]:
        """How an answer that one of the readers made was read where parentheses would tell."""
        every = (*self.readers, *self.turned_readers)
        return next((found for each in every if (found := each.parentheses(read))), [])

    def values(self, root: Node) -> "list[Values] | None":
        """The values at all points; None if it has none at one of them."""
        if self.shape(root) is None:
            return None
        try:
            return [at(root) for at in self._at]
        except (FormulaError, DomainError, ValueError):
            return None

    def first_value(self, root: Node) -> "Values | None":
        """The value at the first point, which tells most expressions apart; None if it has none."""
        if self.shape(root) is None:
            return None
        try:
            return self._at[0](root)
        except (FormulaError, DomainError, ValueError):
            return None

    def is_right(self, root: Node, factor: float = 1.0) -> bool:
        """Whether a number times an expression is the derivative at all points."""
        if self.shape(root) != self.asked.shape:
            return False
        try:
            return all(
                same([factor * at(root)], [right])
                for at, right in zip(self._at, self.asked.right, strict=True)
            )
        except (FormulaError, DomainError, ValueError):
            return False

    def reads_right(self, typed: Node, factor: float = 1.0) -> bool:
        """Whether an answer as it was typed is right when its products are read as of matrices."""
        return any(self.is_right(read, factor) for read in self.meanings(typed))

    def fitting(self, typed: Node) -> tuple[MatrixReader, ...]:
        """The readers that make the shape asked for of an answer; else those that make any.

        All, if its parts fit each other with none of them. Where a star makes a number of two
        columns in one reading, and the shape asked for in none, it is meant entry by entry.
        """
        found: dict[Shape, list[MatrixReader]] = {}
        for reader in self.readers if self._has_star(typed) else self.readers[:1]:
            with suppress(FormulaError):
                found.setdefault(self._shapes(reader(typed)), []).append(reader)
        if self.asked.shape in found:
            return tuple(found[self.asked.shape])
        return tuple([*found.values()][-1]) if found else self.readers

    def is_right_where_it_exists(self, root: Node) -> bool:
        """Whether an answer is right at all points at which it has a value, one at least."""
        if self.shape(root) != self.asked.shape:
            return False
        found = []
        for at, right in zip(self._at, self.asked.right, strict=True):
            with suppress(DomainError):
                found.append(same([at(root)], [right]))
        return bool(found) and all(found)

    def meanings(self, typed: Node) -> list[Node]:
        """What an answer as it was typed can mean; what does not fit is left out."""
        return self._meanings(typed)

    def _meanings(self, typed: Node) -> list[Node]:
        if id(typed) not in self._read:
            found = []
            for reader in self.readers if self._has_star(typed) else self.readers[:1]:
                with suppress(FormulaError):
                    found.append(reader(typed))
            # the node is kept, so that no other object gets its identity
            self._read[id(typed)] = (typed, found)
        return self._read[id(typed)][1]

    def _has_star(self, typed: Node) -> bool:
        """Whether it matters what a star means."""
        for node in distinct(typed, self._starred):
            own = isinstance(node, Product) and "*" in node.operators
            below = any(self._starred[id(each)][1] for each in children(node))
            self._starred[id(node)] = (node, own or below)
        return self._starred[id(typed)][1]


def same(values: "Sequence[Values]", wanted: "Sequence[Values]") -> bool:
    """Whether arrays are the same, in shape and value."""
    return len(values) == len(wanted) and all(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= CLOSE * (1e-3 + np.abs(b).max())))
        for a, b in zip(values, wanted, strict=True)
    )


class Replacing:
    """An expression in which one part after another is replaced, each time in the whole.

    Only what stands above a part is made anew; the rest is shared by all that is made, so that it
    is read and computed once.

    Args:
        root: The expression.

    Attributes:
        root: It.
        parts: All that it is made of, each object once, children before parents.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.parts = [*distinct(root)]
        self._above: dict[int, list[int]] = {id(each): [] for each in self.parts}
        self._all_above: dict[int, list[Node]] = {}
        for place, node in enumerate(self.parts):
            for child in children(node):
                self._above[id(child)].append(place)

    def is_linear_in(self, part: Node) -> bool:
        """Whether the whole is a part times something and something more, as far as shows.

        So it is if the part stands in one place, and above it are sums and products alone.
        """
        above = self._above[id(part)]
        while above:
            if len(above) > 1:
                return False
            node = self.parts[above[0]]
            if not _is_linear(node, part):
                return False
            part, above = node, self._above[id(node)]
        return True

    def __call__(self, old: Node, new: Node) -> Node:
        """The expression with another part in the place of one, wherever that stands."""
        made = {id(old): new}
        for node in self.above(old):
            made[id(node)] = with_children(node, [made.get(id(c), c) for c in children(node)])
        return made[id(self.root)]

    def above(self, part: Node) -> list[Node]:
        """All that holds a part, children before parents: the last is the whole."""
        if id(part) not in self._all_above:
            places: set[int] = set()
            waiting = [*self._above[id(part)]]
            while waiting:
                place = waiting.pop()
                if place not in places:
                    places.add(place)
                    waiting += self._above[id(self.parts[place])]
            self._all_above[id(part)] = [self.parts[place] for place in sorted(places)]
        return self._all_above[id(part)]


def _is_linear(node: Node, part: Node) -> bool:
    match node:
        case Unary() | Sum() | Product() | MatrixProduct():
            return True
        case Quotient():
            return part is node.numerator
        case Call():
            return node.function in _LINEAR
        case _:
            return False


_LINEAR = frozenset({"transpose", "trace", "diag", "outer", "dot"})
"""Functions that are linear in each of their arguments."""
