"""Numbers that the script looked at while its loss was computed.

A number that is read may decide what comes next, or enter it. A replay keeps what was decided, and
so would give the value of another function than the script's at another θ. Where that can be, the
step is refused; a number that is only logged harms nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import FrameType

from .calls import READS_ALL
from .stack import bound_tensors, in_module, place

_CHECKS = ("torch.distributions",)  # reads its arguments to refuse bad ones
MOST_NOTES = 8
"""Notes that are kept of one step."""


@dataclass(slots=True)
class _Read:
    """One look.

    Attributes:
        number: Operations recorded before it.
        kind: The function that handed the numbers over.
        place: The user's line.
        inside: True if a module was being called.
        several: True if more than one number was handed over.
        bound: Identities of the tensors that the script's variables held then.
    """

    number: int
    kind: str
    place: str
    inside: bool
    several: bool
    bound: frozenset[int]


class Reads:
    """The looks of one window."""

    def __init__(self) -> None:
        self._reads: list[_Read] = []

    def add(self, number: int, kind: str, numel: int, frame: FrameType | None) -> None:
        """The script has looked at a tensor that depends on θ.

        Args:
            number: Operations recorded so far.
            kind: The function.
            numel: Numbers in the tensor.
            frame: Who called it.
        """
        if frame is not None and frame.f_globals.get("__name__", "").startswith(_CHECKS):
            return
        several = numel > 1 and kind in READS_ALL
        bound = bound_tensors(frame) if several else frozenset()
        self._reads.append(_Read(number, kind, place(), in_module(frame), several, bound))

    def clear(self) -> None:
        """Forget them."""
        self._reads.clear()

    def judge(
        self, last: int, first_uses: Iterable[tuple[int, int]]
    ) -> tuple[str | None, tuple[str, ...]]:
        """What the reads mean for a loss.

        Args:
            last: Number of the last operation that the loss needs. What was read after it is not
                in the loss.
            first_uses: When each tensor of its data was first used, and its identity.

        Returns:
            A reason against doing it again, or None; and what is held fixed otherwise.
        """
        first_uses = list(first_uses)
        notes: list[str] = []
        for read in self._reads:
            if read.number > last:
                continue
            if read.kind == "__bool__":
                return (
                    f"{read.place} decides by a number that depends on θ, which a replay could not "
                    "decide again"
                ), ()
            if read.inside:
                return (
                    f"{read.place} reads a number that depends on θ ({read.kind}) in the forward "
                    "pass, where it may decide or enter the result"
                ), ()
            if read.several and any(
                number >= read.number and key not in read.bound for number, key in first_uses
            ):
                return (
                    f"{read.place} reads a tensor that depends on θ ({read.kind}), and a tensor "
                    "that may have been made from its numbers enters the loss later"
                ), ()
            notes.append(f"the number read at {read.place} ({read.kind}) is kept as it was")
        return None, tuple(dict.fromkeys(notes))[:MOST_NOTES]
