"""Timing two things against each other on a machine whose speed drifts.

Segments of a few steps alternate, bare and watched, watched and bare; each pair of neighbours
gives one ratio, and the median of the ratios is the figure.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.contenders import Contender, Count


@dataclass(frozen=True)
class Timing:
    """Step times of a contender and of the bare steps beside them.

    Attributes:
        contender: Its name.
        bare_s: Seconds of a bare step, one value a pair.
        watched_s: Seconds of a watched step, one value a pair.
        steps: Steps in a segment.
        count: What the contender counted of itself in the timed segments, if it does.
    """

    contender: str
    bare_s: list[float]
    watched_s: list[float]
    steps: int
    count: Count | None

    @property
    def ratios(self) -> list[float]:
        """Watched / bare, one a pair."""
        return [w / b for w, b in zip(self.watched_s, self.bare_s, strict=True)]

    @property
    def median(self) -> float:
        """Median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """First and third quartile of the ratios."""
        first, _, third = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return first, third

    @property
    def of_sums(self) -> float:
        """Ratio of the summed times: holds the rare slow steps that a median passes over."""
        return sum(self.watched_s) / sum(self.bare_s)

    @property
    def bare_ms(self) -> float:
        """Median duration of a bare step."""
        return 1e3 * statistics.median(self.bare_s)

    @property
    def extra_ms(self) -> float:
        """Extra time of a step: median of the differences of the pairs."""
        pairs = zip(self.watched_s, self.bare_s, strict=True)
        return 1e3 * statistics.median(w - b for w, b in pairs)

    @property
    def extra_mean_ms(self) -> float:
        """Extra time of a step, from the summed times."""
        return 1e3 * (statistics.fmean(self.watched_s) - statistics.fmean(self.bare_s))

    @property
    def training_s(self) -> float:
        """Seconds in watched segments by the clock."""
        return sum(self.watched_s) * self.steps


def compare(contender: Contender, *, seconds: float, fewest: int, steps: int) -> Timing:
    """Time pairs of segments, an even number of them so that neither side leads more often.

    Args:
        contender: What watches.
        seconds: Stop after this long.
        fewest: Pairs to time however long they take.
        steps: Steps in a segment.
    """

    def segment(step: Callable[[], object]) -> float:
        began = time.perf_counter()
        for _ in range(steps):
            step()
        return (time.perf_counter() - began) / steps

    def bare() -> float:
        return segment(contender.workload.step)

    def watched() -> float:
        contender.on()
        try:
            return segment(contender.step)
        finally:
            contender.off()

    watched(), bare()
    before = contender.count()
    bare_s: list[float] = []
    watched_s: list[float] = []
    until = time.perf_counter() + seconds
    while len(bare_s) < fewest or len(bare_s) % 2 or time.perf_counter() < until:
        if len(bare_s) % 2:
            watched_s.append(watched())
            bare_s.append(bare())
        else:
            bare_s.append(bare())
            watched_s.append(watched())
    after = contender.count()
    count = after - before if after is not None and before is not None else None
    return Timing(contender.name, bare_s, watched_s, steps, count)
