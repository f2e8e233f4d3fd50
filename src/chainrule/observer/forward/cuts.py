"""Where the way from a weight to the loss was cut, and whether what came of it was used.

What a cut gave back has no gradient. It is followed, by identity, through all that is made of it,
until something that is trained is computed with it, or nothing is.
"""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from chainrule.records import Cut, Place, draws

MOST_CUTS = 64
"""Cuts recorded of one step, those that were used first; a call at one line counts once."""

MOST_MET = 64
"""Parameters named that what a draw gave was computed with."""

_MOST_MEETINGS = (
    8  # of one draw that are looked into: a value that is looked up is used a few times
)

_MOST_LOOKED_INTO = 32  # meetings of one step: each may walk a graph, some 10 ms of a large one

_MOST_SEEN = 512  # cuts followed in one step: an evaluation has one for each of its operations

_MOST_NUMBERS = 1024  # of what was read into Python: an item, or a list of them


@dataclass(slots=True)
class _Seen:
    place: Place
    function: str
    given: tuple[int, ...]
    parameters: tuple[int, ...]
    used: bool = False
    meetings: int = 0
    met: dict[int, None] = field(default_factory=dict)
    unknown: bool = False


class Cuts:
    """The cuts of one step, and what was made of each."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []
        self._numbers: dict[tuple[str, Place, tuple[int, ...]], int] = {}
        self._of: dict[int, tuple[weakref.ref[Tensor], frozenset[int]]] = {}
        self._read: dict[int, tuple[Any, frozenset[int]]] = {}
        self._sizes: dict[int, frozenset[int]] = {}
        self._inside: dict[int, frozenset[int]] = {}
        self._data: set[int] = set()
        self._level: dict[int, frozenset[int]] = {}
        self._looked_into = 0

    def behind(self, tensors: Iterable[Tensor]) -> frozenset[int]:
        """Numbers of the cuts that some tensors were made by."""
        found: frozenset[int] = frozenset()
        for t in tensors:
            known = self._of.get(id(t))
            if known is not None and known[0]() is t:
                found |= known[1]
            elif not t.requires_grad:
                if self._inside and id(t) not in self._data and t.is_floating_point():
                    found |= self._inside.get(t.numel(), frozenset())
                self._data.add(id(t))
        return found

    def parameters(self, cuts: frozenset[int]) -> tuple[int, ...]:
        """Numbers of the parameters behind some cuts."""
        return tuple(dict.fromkeys(p for cut in cuts for p in self._seen[cut].parameters))

    def add(
        self, function: str, place: Place, given: tuple[int, ...], parameters: tuple[int, ...]
    ) -> frozenset[int]:
        """A cut was made; its number, or none if there are too many."""
        key = (function, place, parameters)
        number = self._numbers.get(key)
        if number is None:
            if len(self._seen) >= _MOST_SEEN:
                return frozenset()
            number = self._numbers[key] = len(self._seen)
            self._seen.append(_Seen(place, function, given, parameters))
        return frozenset([number])

    def made(self, tensors: Iterable[Tensor], cuts: frozenset[int]) -> None:
        """Tensors were made of what some cuts gave back."""
        if cuts:
            for t in tensors:
                self._of[id(t)] = (weakref.ref(t), cuts)

    def read(self, value: Any, numel: int, cuts: frozenset[int], *, inside: bool) -> None:
        """Python was given numbers by some cuts.

        Args:
            value: They.
            numel: How many.
            cuts: Which cuts gave them.
            inside: True if it was in a module's call: as many new numbers that a tensor has
                afterwards were then computed from them, which is not so of a batch's predictions
                that are read for an accuracy and of the next batch.
        """
        if not cuts:
            return
        if isinstance(value, float) or (isinstance(value, list) and numel <= _MOST_NUMBERS):
            self._read[id(value)] = (value, cuts)
        if numel > 1:
            self._sizes[numel] = self._sizes.get(numel, frozenset()) | cuts
            if inside:
                self._inside[numel] = self._inside.get(numel, frozenset()) | cuts

    def behind_value(self, value: Any, made: Tensor) -> frozenset[int]:
        """Cuts behind a tensor that was made from Python's numbers.

        The very numbers that were read are known again. What Python computed with them was not
        seen: as many numbers, made a leaf that requires a gradient or read inside a module, are
        taken for it.
        """
        known = self._read.get(id(value))
        found = known[1] if known is not None and known[0] is value else frozenset()
        alike = self._sizes if made.requires_grad else self._inside
        return found | alike.get(made.numel(), frozenset())

    def use(self, cuts: frozenset[int]) -> None:
        """What these cuts gave back met the loss or a layer."""
        for cut in cuts:
            self._seen[cut].used = True

    def meet(self, cuts: frozenset[int], parameters: Callable[[], Iterable[int]]) -> None:
        """What these cuts gave back was computed with something that is trained.

        Args:
            cuts: They.
            parameters: Finds what is behind that; asked for the first meetings of draws only, for
                it walks a graph. What a draw with more of them met is not known.
        """
        self.use(cuts)
        looked_at = []
        for seen in (self._seen[cut] for cut in cuts if draws(self._seen[cut].place.operation)):
            seen.meetings += 1
            if seen.meetings > _MOST_MEETINGS or self._looked_into >= _MOST_LOOKED_INTO:
                seen.unknown = True
            elif not seen.unknown:
                looked_at.append(seen)
        if looked_at:
            self._looked_into += 1
            found = tuple(parameters())
            for seen in looked_at:
                seen.met.update(dict.fromkeys(found))
                seen.unknown = len(seen.met) > MOST_MET

    def level(self, number: int, cuts: frozenset[int]) -> None:
        """A cut kept its way in the graph, as an operation of this sequence number."""
        self._level[number] = cuts

    def records(self, reached: set[int]) -> tuple[Cut, ...]:
        """The cuts so far, at most 64, in order.

        Args:
            reached: Sequence numbers of the operations that backward passes have reached.
        """
        for number in reached.intersection(self._level):
            self.use(self._level[number])
        kept = sorted(range(len(self._seen)), key=lambda i: not self._seen[i].used)[:MOST_CUTS]
        return tuple(
            Cut(
                place=seen.place,
                function=seen.function,
                given=seen.given,
                parameters=seen.parameters,
                used=seen.used,
                met=() if seen.unknown else tuple(seen.met),
            )
            for seen in (self._seen[i] for i in sorted(kept))
        )

    def forget(self) -> None:
        """The step is over."""
        self._seen.clear()
        self._numbers.clear()
        self._of.clear()
        self._read.clear()
        self._sizes.clear()
        self._inside.clear()
        self._data.clear()
        self._level.clear()
        self._looked_into = 0
