"""Timing two things against each other on a machine whose speed drifts.

Segments of a few steps alternate, bare and watched, watched and bare; the sums of five turns give
one ratio, and the median of the ratios is the figure. Segments are short, since neighbours then
meet the same speed: of an MLP, segments of 5, 10, 25 and 50 steps in the same total time gave
medians with standard errors of 0.4, 0.5, 0.9 and 1.4 %. A ratio is made of several, since a median
over single ones would pass over what is done once a second: writing the file.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from scipy.stats import quantile_test

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.workloads import WORKLOADS

TURNS = 5
"""Segments of each kind that make one ratio: of the MLP 50 steps, a second with the bare ones where
one takes 8 ms."""


@dataclass(frozen=True)
class Timing:
    """Step times of a contender against bare steps beside them.

    Attributes:
        contender: Its name.
        ratios: Watched / bare, one for each `TURNS` pairs of segments.
        bare_ms: Median duration of a bare step.
        sum_ratio: Ratio of all times, summed up.
        note: What the contender says of itself.
    """

    contender: str
    ratios: list[float]
    bare_ms: float
    sum_ratio: float
    note: str = ""

    @property
    def median(self) -> float:
        """Median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """First and third quartile of the ratios."""
        first, _, third = statistics.quantiles(self.ratios, n=4)
        return first, third

    @property
    def interval(self) -> tuple[float, float]:
        """What the median lies between with 95 % confidence; NaN where ratios are too few."""
        low, high = quantile_test(self.ratios, p=0.5).confidence_interval(0.95)
        return float(low), float(high)

    @property
    def extra_ms(self) -> float:
        """Extra time of a step, from the median ratio."""
        return (self.median - 1) * self.bare_ms


def compare(contender: Contender, ratios: int) -> Timing:
    """Measure so many ratios."""
    steps = contender.workload.segment

    def segment(step: Callable[[], object]) -> float:
        began = time.perf_counter()
        for _ in range(steps):
            step()
        return (time.perf_counter() - began) / steps

    def watched() -> float:
        contender.on()
        try:
            return segment(contender.step)
        finally:
            contender.off()

    watched()
    found, bare_times, watched_times = [], [], []
    for _ in range(ratios):
        for turn in range(TURNS):
            if turn % 2:
                watched_times.append(watched())
                bare_times.append(segment(contender.workload.step))
            else:
                bare_times.append(segment(contender.workload.step))
                watched_times.append(watched())
        found.append(sum(watched_times[-TURNS:]) / sum(bare_times[-TURNS:]))
    observation = getattr(contender, "observation", None)
    note = ""
    if observation is not None:
        governor = observation.governor
        note = f"{governor.sampled} of {observation.step} steps sampled"
    return Timing(
        contender.name,
        found,
        1e3 * statistics.median(bare_times),
        sum(watched_times) / sum(bare_times),
        note,
    )


def timed(workload: int, contender: int, ratios: int, device: str) -> Timing:
    """One contender on one workload, by their numbers; in a process of its own."""
    torch.set_num_threads(2)
    running = WORKLOADS[workload](device)
    for _ in range(3):
        running.step()
    contender_running = CONTENDERS[contender](running)
    timing = compare(contender_running, ratios)
    contender_running.finish()
    return timing
