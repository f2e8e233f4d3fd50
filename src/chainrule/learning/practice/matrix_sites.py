"""A part of an answer of vectors and matrices, and whether something else makes it right there."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.tree import Node

from .matrix_values import CLOSE, Replacing, Variants, same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class Site:
    """A part of an answer.

    Hundreds of things are tried in its place, hardly one of which is right. What is right at all
    points is so at the first. So there the values of what holds the part are computed anew, and an
    expression is made of those alone that pass.

    Args:
        replacing: The answer.
        part: Of it.
        variants: Where expressions are compared.

    Attributes:
        part: It.
        fits: Whether the answer has the shape that is asked for.
    """

    def __init__(self, replacing: Replacing, part: Node, variants: Variants) -> None:
        self.part = part
        self._replacing = replacing
        self._variants = variants
        shape = variants.shape(replacing.root)
        self._has_shape = shape is not None
        self.fits = shape == variants.asked.shape

    @cached_property
    def above(self) -> list[Node]:
        """All that holds the part, children before parents."""
        return self._replacing.above(self.part)

    def is_right(self, other: Node) -> bool | None:
        """Whether the answer is right with something else here; None if its parts do not fit then.

        Args:
            other: It.
        """
        keeps = self._has_shape and self._variants.shape(other) == self._variants.shape(self.part)
        if keeps and not (self.fits and self._may_be(other)):
            return False
        return self._is_right_everywhere(other)

    def is_right_times(self, scale: float | None, made: Callable[[], Node]) -> bool | None:
        """The same with the part many times here.

        Args:
            scale: How many times at the first point; None if that is no number.
            made: What makes it.
        """
        if scale is None:
            return self.is_right(made())
        if self._has_shape and not (self.fits and self._may_be_times(scale)):
            return False
        return self._is_right_everywhere(made())

    def _is_right_everywhere(self, other: Node) -> bool | None:
        changed = self._replacing(self.part, other)
        return None if self._variants.shape(changed) is None else self._variants.is_right(changed)

    def _may_be(self, other: Node) -> bool:
        """Whether it is right at the first point."""
        at, _ = self._variants.first
        try:
            return self._is_right_first(at(other))
        except (FormulaError, DomainError, ValueError):
            return False

    def _may_be_times(self, scale: float) -> bool:
        if self._needed is not None:
            needed, slack = self._needed
            return abs(scale - needed) <= slack
        at, _ = self._variants.first
        try:
            return self._is_right_first(scale * at(self.part))
        except (FormulaError, DomainError, ValueError):
            return False

    def _is_right_first(self, value: "Values") -> bool:
        at, right = self._variants.first
        return same([at.with_part(self.part, value, self.above)], [right])

    @cached_property
    def _needed(self) -> tuple[float, float] | None:
        """How many times the part is needed, and how much that may miss; None if it cannot be told.

        If the whole is linear in the part, it is r + s m with s times the part. If that is right
        within t in each entry, then s is Σ m (right − r) / Σ m², within t Σ |m| / Σ m².
        """
        if not self._replacing.is_linear_in(self.part):
            return None
        at, right = self._variants.first
        try:
            once = at(self._replacing.root)
            turned = at.with_part(self.part, -at(self.part), self.above)
        except (FormulaError, DomainError, ValueError):
            return None
        with np.errstate(all="ignore"):  # of numbers too large for a square nothing is told
            moving, rest = (once - turned) / 2, (once + turned) / 2
            size = float(np.sum(moving**2))
            if not 0 < size < np.inf:
                return None
            within = CLOSE * (1e-3 + float(np.abs(right).max()))
            needed = float(np.sum(moving * (right - rest))) / size
            return needed, within * float(np.sum(np.abs(moving))) / size
