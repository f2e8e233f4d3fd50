"""Which hint comes next: each says more than the one before, and a new answer begins them anew."""

from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class HintsGiven(Generic[T]):
    """The hints to one exercise that a learner has been given.

    Hints begin where an answer stands. So after another answer the first one comes again, which
    says what of that answer is right and where it leaves the way. Hints that are the same as before
    go on, since nobody wants to be told the same twice before the rest was told once.

    Attributes:
        most: The deepest that was given.
    """

    def __init__(self) -> None:
        self.most = 0
        self._depth = 0
        self._found: tuple[T, ...] = ()

    def answered(self) -> None:
        """Note that another answer was given."""
        if self._depth == len(self._found):
            self._depth = 0

    def next(self, found: Sequence[T], depth: int = 1) -> T:
        """The hint that is given now.

        Args:
            found: All of them, as they are from the last answer.
            depth: Which is asked for at least, as by `??`.
        """
        if tuple(found) != self._found:
            self._found, self._depth = tuple(found), 0
        self._depth = min(max(self._depth + 1, depth), len(found))
        self.most = max(self.most, self._depth)
        return found[self._depth - 1]
