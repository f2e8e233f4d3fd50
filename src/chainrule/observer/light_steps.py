"""Steps that are not measured, several at a time.

In a training process a few microseconds of Python take several times as long, since the script's
own work has filled the caches between any two of them. So a light step touches as little as it can:
its loss is noted, and the rest (is it time for a sample, for a capture, for a flush?) is asked once
in sixteen steps, for all of them together.
"""

import math

from .governor import EARLY, Governor
from .probes import Probes

STRIDE = 16
"""Steps after which it is asked again: a sample comes later by half of that, where it comes every
few hundred steps."""

_MOST_S = 0.25  # that so many steps may take: a run is seen to go on, and is flushed every second


class LightSteps:
    """What light steps leave to be accounted for.

    Args:
        governor: Told how long they took.
        probes: Told their losses.

    Attributes:
        until: The step from which on all is asked again; earlier ones end by the short way.
        alarm: A loss above which that is at once.
    """

    def __init__(self, governor: Governor, probes: Probes) -> None:
        self._governor = governor
        self._probes = probes
        self._waiting: list[tuple[float, float, float]] = []
        self.until = 0
        self.alarm = math.inf

    def add(self, loss: float, duration_s: float, own_s: float) -> None:
        """A step ended by the short way."""
        self._waiting.append((loss, duration_s, own_s))
        if loss > self.alarm:
            self.until = 0

    def settle(self) -> None:
        """Account for those that wait."""
        waiting, self._waiting = self._waiting, []
        for loss, duration_s, own_s in waiting:
            self._probes.saw(loss)
            self._governor.light(duration_s, own_s)

    def plan(self, step: int) -> None:
        """Nothing is to be done at the given step: the next few may end by the short way."""
        governor = self._governor
        soon = governor.light_s * STRIDE < _MOST_S  # False before any is known
        self.until = step + STRIDE if step > EARLY and governor.every is None and soon else 0
        self.alarm = self._probes.alarm
