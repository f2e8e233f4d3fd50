"""How many units of a layer were without derivative on every example that was looked at."""

from collections import deque
from collections.abc import Iterable

from chainrule.records import BackwardPass

_SAMPLES = 4  # the latest: what was dead at the start may live by now

Masks = dict[tuple[int, int], tuple[int, int]]  # (graph, node) → (units, bits of the dead ones)


class DeadShare:
    """Of each layer's units, those that were dead in all of the latest samples."""

    def __init__(self) -> None:
        self._latest: deque[Masks] = deque(maxlen=_SAMPLES)

    def sampled(self, passes: Iterable[BackwardPass]) -> None:
        """A step was sampled."""
        found: Masks = {
            (p.graph, a.node): (a.units, int.from_bytes(a.dead_mask, "big"))
            if a.units
            else (1, int(a.zero_fraction == 1))  # units cannot be told apart: all of them or none
            for p in passes
            for a in p.activations
        }
        if found:
            self._latest.append(found)

    def share(self) -> float | None:
        """Of the layer that has most; None if no activation was seen."""
        shares = []
        for layer, (units, dead) in self._latest[-1].items() if self._latest else ():
            for earlier in self._latest:
                dead &= earlier.get(layer, (units, dead))[1]
            shares.append(dead.bit_count() / units)
        return max(shares, default=None)
