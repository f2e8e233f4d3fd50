"""How a training goes right now, read from its run file."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chainrule.instruments import Chain
from chainrule.records import Factor, Graph, Run, StepSample

from .labels import shorten
from .numerals import count, number

if TYPE_CHECKING:
    from chainrule.store import RunReader

_MOST_POINTS = 8192  # of the loss read one by one; of more, the means of 32 each
_WINDOW = 64  # points over which the slope is taken, or a tenth of the run if that is more
_SPEED_WINDOW_S = 15.0
_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Progress:
    """What the status line says.

    Attributes:
        step: Steps made so far.
        loss: The latest loss; None if none was seen.
        slope: Change of the loss per step over the recent steps; None if it cannot be told.
        worst: The factor furthest from 1 in the latest measured step; None if none was measured.
        steps_per_s: Speed of the training; None if it cannot be told yet.
    """

    step: int
    loss: float | None = None
    slope: float | None = None
    worst: Factor | None = None
    steps_per_s: float | None = None

    def line(self, columns: int, ellipsis: str = "…") -> str:
        """One line of at most so many columns: the least important parts are left out first."""
        if not self.step:
            return shorten("chainrule  waiting for the first step", columns, ellipsis)
        parts = [f"chainrule  step {count(self.step)}"]
        if self.loss is not None:
            parts.append(f"loss {number(self.loss)}")
        if self.slope is not None:
            sign = "+" if self.slope > 0 else ""
            parts.append(f"{sign}{number(self.slope, 2)} loss per step")
        if self.worst is not None:
            place = self.worst.place
            name = " ".join(p for p in (shorten(place.module, 24, ellipsis), place.operation) if p)
            parts.append(f"worst factor × {number(self.worst.rms_gain, 2)} {name}".rstrip())
        if self.steps_per_s is not None:
            parts.append(f"{number(self.steps_per_s, 2)} steps/s")
        while len(parts) > 1 and len(_SEPARATOR.join(parts)) > columns:
            parts.pop()
        return shorten(_SEPARATOR.join(parts), columns, ellipsis)


class ProgressReader:
    """Reads the progress of one run again and again.

    Args:
        reader: The open run file.
    """

    def __init__(self, reader: "RunReader") -> None:
        self._reader = reader
        self._graph: Callable[[int], Graph] = lru_cache(maxsize=16)(reader.graph)
        self._speed: deque[tuple[float, int, float]] = deque()
        self._loss_name = ""

    def read(self) -> Progress:
        """The progress as of now."""
        run = self._reader.run()
        loss, slope = self._loss(run.steps)
        sample = self._reader.last_sample()
        return Progress(
            step=run.steps,
            loss=loss,
            slope=slope,
            worst=worst_factor(sample, self._graph) if sample else None,
            steps_per_s=self._steps_per_s(run),
        )

    def _loss(self, steps: int) -> tuple[float | None, float | None]:
        if not self._loss_name:
            names = [n for n in self._reader.series_names() if n.partition("/")[0] == "loss"]
            if not names:
                return None, None
            self._loss_name = names[0]
        if steps <= _MOST_POINTS:
            series = self._reader.series(self._loss_name)
            points: list[tuple[float, float]] = list(zip(series.steps, series.values, strict=True))
        else:
            buckets = self._reader.pyramid(self._loss_name, 1)
            points = [((b.first_step + b.last_step) / 2, b.mean) for b in buckets]
        if not points:
            return None, None
        return points[-1][1], slope(points[-max(_WINDOW, len(points) // 10) :])

    def _steps_per_s(self, run: Run) -> float | None:
        now = time.monotonic()
        if not self._speed or run.steps != self._speed[-1][1]:
            self._speed.append((now, run.steps, run.training_s))
        while len(self._speed) > 2 and now - self._speed[0][0] > _SPEED_WINDOW_S:
            self._speed.popleft()
        (_, first, began), (_, last, ended) = self._speed[0], self._speed[-1]
        if ended > began and last > first:
            return (last - first) / (ended - began)
        return run.steps / run.training_s if run.training_s > 0 and run.steps > 1 else None


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Slope of the least-squares line through the finite points; None if they determine none."""
    finite = [(x, y) for x, y in points if math.isfinite(y)]
    if len(finite) < 2:
        return None
    mean_x = math.fsum(x for x, _ in finite) / len(finite)
    mean_y = math.fsum(y / len(finite) for _, y in finite)
    spread = math.fsum((x - mean_x) ** 2 for x, _ in finite)
    return math.fsum((x - mean_x) * (y - mean_y) for x, y in finite) / spread if spread else None


def worst_factor(sample: StepSample, graph: Callable[[int], Graph]) -> Factor | None:
    """The activation or weight factor furthest from 1 on the way to the first parameter.

    Width-normalised, so that a change of width is no factor. Factors of zero and non-finite ones
    are further from 1 than all others.
    """
    for backward_pass in reversed(sample.backward_passes):
        chain = Chain(graph(backward_pass.graph), backward_pass)
        if not chain.leaves:
            continue
        path = chain.path(min(chain.leaves))
        own = max((i for i, f in enumerate(path) if f.kind == "weight"), default=len(path))
        factors = [f for f in path[:own] if f.kind in ("activation", "weight")]
        if factors:
            return max(factors, key=lambda f: _distance_from_one(f.rms_gain))
    return None


def _distance_from_one(gain: float) -> float:
    return abs(math.log(gain)) if 0 < gain < math.inf else math.inf
