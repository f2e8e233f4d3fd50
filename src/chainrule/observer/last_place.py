"""Where training stopped: asked once it is over, and only if the loss stands still while high."""

import math
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from chainrule.instruments.flat_place import Situation, flat_place
from chainrule.instruments.loss_curve import FEWEST, loss_curve_slope
from chainrule.objective import Objective, ObjectiveError
from chainrule.records import FinalPlace

from .captured import Capture, Captures
from .sink import Sink

STILL_HIGH = 0.5
"""Share of the first loss above which it counts as high: a run that has halved it is learning."""

FALLEN = 0.01
"""Share of the loss by which it must fall over the later half of the run to count as falling."""

_MOST_BATCHES = 4  # captured batches whose losses are averaged


class _OutOfTime(Exception):
    pass


def look(
    sink: Sink, captures: Captures, losses: list[float], first: float, deadline: float
) -> None:
    """Measure the place and hand it on, if there is a reason to and the time.

    Args:
        sink: Where it goes.
        captures: Those of the run.
        losses: Of the later steps.
        first: Of the first step.
        deadline: By `time.process_time`, so that a busy machine changes no verdict.
    """
    late = [v for v in losses[len(losses) // 2 :] if math.isfinite(v)]
    if len(late) < FEWEST or not first > 0:
        return
    slope = loss_curve_slope(late)
    level = sorted(late)[len(late) // 2]
    if level <= STILL_HIGH * first or slope.slope * len(late) < -FALLEN * level:
        return
    verified = [c for c in reversed(captures.kept) if c.verified()][:_MOST_BATCHES]
    if not verified or len({c.optimizer_index for c in captures.kept}) != 1:
        return
    began = time.perf_counter()
    last = verified[0]
    try:
        place = flat_place(
            _together(verified, deadline),
            situation=Situation(
                learning_rate=last.learning_rate, loss_falls=slope.high < 0, dead_share=None
            ),
        )
    except (_OutOfTime, ObjectiveError, ValueError):
        return
    sink.final_place(
        FinalPlace(
            step=last.step,
            batches=len(verified),
            place=place,
            loss_slope=slope.slope,
            loss_slope_low=slope.low,
            loss_slope_high=slope.high,
            seconds=time.perf_counter() - began,
        )
    )


def _together(captures: list[Capture], deadline: float) -> Objective:
    """The mean loss over the captured batches, at the weights after the last captured step."""
    last = captures[0]
    sources: list[Callable[[Mapping[str, Tensor]], Tensor]] = [
        c.program.loss for c in captures if c.program is not None
    ]

    def loss(theta: Mapping[str, Tensor]) -> Tensor:
        if time.process_time() > deadline:
            raise _OutOfTime
        return torch.stack([source(theta) for source in sources]).mean()

    theta = {n: t + last.update[n] if n in last.update else t for n, t in last.parameters.items()}
    return Objective(loss, theta, source="step", description="mean loss of the captured batches")
