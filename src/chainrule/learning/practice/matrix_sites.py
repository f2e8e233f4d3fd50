"""A part of an answer of vectors and matrices, and whether something else makes it right there."""

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
    """

    def __init__(self, replacing: Replacing, part: Node, variants: Variants) -> None:
        self.part = part
        self._replacing = replacing
        self._variants = variants
        self._shape = variants.shape(replacing.root)

    @cached_property
    def above(self) -> list[Node]:
        """All that holds the part, children before parents."""
        return self._replacing.above(self.part)

    def is_right(self, other: Node, scale: float | str | None = None) -> bool | None:
        """Whether the answer is right with something else here; None if its parts do not fit then.

        Args:
            other: It.
            scale: What times the part it is, if it is a multiple: a number, or the name of one.
        """
        variants = self._variants
        keeps = scale is not None or variants.shape(other) == variants.shape(self.part)
        fits = self._shape == variants.asked.shape
        if self._shape is not None and keeps and not (fits and self._may_be(other, scale)):
            return False
        changed = self._replacing(self.part, other)
        return None if variants.shape(changed) is None else variants.is_right(changed)

    def _may_be(self, other: Node, scale: float | str | None) -> bool:
        """Whether it is right at the first point."""
        at, right = self._variants.first
        try:
            if scale is None:
                value = at(other)
            else:
                times = float(at.point[scale]) if isinstance(scale, str) else scale
                if self._needed is not None:
                    needed, slack = self._needed
                    return abs(times - needed) <= slack
                value = times * at(self.part)
            return same([at.with_part(self.part, value, self.above)], [right])
        except (FormulaError, DomainError, ValueError):
            return False

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
        moving, rest = (once - turned) / 2, (once + turned) / 2
        size = float(np.sum(moving**2))
        if not 0 < size < np.inf:
            return None
        within = CLOSE * (1e-3 + float(np.abs(right).max()))
        needed = float(np.sum(moving * (right - rest))) / size
        return needed, within * float(np.sum(np.abs(moving))) / size
