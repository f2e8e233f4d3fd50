"""Values of an answer of vectors and matrices, and whether they are those of the derivative."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Node, children, distinct, with_children

from .matrix_answers import as_matrix_products
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
    """

    def __init__(self, asked: MatrixAsked) -> None:
        self._asked = asked
        self._shapes = Shapes(asked.derivation.names)
        self._at = [MatrixEvaluation(point) for point in asked.points]

    def shape(self, root: Node) -> Shape | None:
        """The shape of an expression; None if its parts do not fit."""
        try:
            return self._shapes(root)
        except FormulaError:
            return None

    def values(self, root: Node) -> "list[Values] | None":
        """The values at all points; None if it has none at one of them."""
        if self.shape(root) is None:
            return None
        try:
            return [at(root) for at in self._at]
        except (FormulaError, DomainError, ValueError):
            return None

    def is_right(self, root: Node, factor: float = 1.0) -> bool:
        """Whether a number times an expression is the derivative at all points."""
        if self.shape(root) != self._asked.shape:
            return False
        try:
            return all(
                same([factor * at(root)], [right])
                for at, right in zip(self._at, self._asked.right, strict=True)
            )
        except (FormulaError, DomainError, ValueError):
            return False

    def reads_right(self, typed: Node, factor: float = 1.0) -> bool:
        """Whether an answer as it was typed is right when its products are read as of matrices."""
        names = self._asked.derivation.names
        for starred in (False, True):
            try:
                read = as_matrix_products(typed, names, stars_entrywise=starred, strictly=True)
            except FormulaError:
                continue
            if self.is_right(read, factor):
                return True
        return False


def same(values: "Sequence[Values]", wanted: "Sequence[Values]") -> bool:
    """Whether arrays are the same, in shape and value."""
    return len(values) == len(wanted) and all(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= CLOSE * (1e-3 + np.abs(b).max())))
        for a, b in zip(values, wanted, strict=True)
    )


def with_part(root: Node, old: Node, new: Node) -> Node:
    """An expression with another part in the place of one."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        made[id(node)] = (
            new
            if node is old
            else with_children(node, [made[id(child)] for child in children(node)])
        )
    return made[id(root)]
