"""Where training stopped: asked once it is over, and only if the loss stands still while high."""

import math
import time
from collections.abc import Callable, Mapping
from statistics import median_high

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


def is_high(losses: list[float], first: float) -> bool:
    """True if the later losses are still near the first: then it matters whether they fall."""
    late = _late(losses)
    return len(late) >= FEWEST and first > 0 and median_high(late) > STILL_HIGH * first


def _late(losses: list[float]) -> list[float]:
    return [v for v in losses[len(losses) // 2 :] if math.isfinite(v)]


def look(
    sink: Sink,
    captures: Captures,
    losses: list[float],
    first: float,
    deadline: float,
    *,
    dead_share: float | None,
    share_of_limit: Callable[[Capture], float | None],
) -> None:
    """Measure the place and hand it on, if there is a reason to and the time.

    Args:
        sink: Where it goes.
        captures: Those of the run.
        losses: Of the later steps.
        first: Of the first step.
        deadline: By `time.process_time`, so that a busy machine changes no verdict.
        dead_share: Of the units of the layer that has most, as the last samples saw it.
        share_of_limit: Measures the (preconditioned) sharpness of a captured step over its
            optimizer's stability limit.
    """
    if not is_high(losses, first):
        return
    late = _late(losses)
    slope = loss_curve_slope(late)
    if slope.slope * len(late) < -FALLEN * median_high(late):
        return
    verified = [c for c in reversed(captures.kept) if c.verified()][:_MOST_BATCHES]
    if not verified or len({c.optimizer_index for c in captures.kept}) != 1:
        return
    began = time.perf_counter()
    last = verified[0]
    try:
        together = _together(verified, deadline)
        gradient = together.gradient()
        place = flat_place(
            together,
            situation=Situation(
                learning_rate=last.learning_rate,
                loss_falls=False,  # or nearly: it was asked above
                turn=_turn(together, gradient, last),
                sharpness_times_rate=share_of_limit(last),
                gradient_noise=_noise(verified, together),
                chain_gain=_chain_gain(gradient),
                dead_share=dead_share,
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


def _turn(together: Objective, here: Mapping[str, Tensor], last: Capture) -> float | None:
    """Cosine between the gradients before and after the last captured step, on all batches.

    On all, since a step follows the noise of its own batch and turns its own gradient.
    """
    before = together.gradient({n: t for n, t in last.parameters.items() if n in here})
    lengths = _dot(before, before) * _dot(here, here)
    return _dot(before, here) / math.sqrt(lengths) if lengths > 0 else None


def _noise(captures: list[Capture], together: Objective) -> float | None:
    """How long the mean gradient at the place would be if the batches' were all noise."""
    at = together.parameters
    found = [c.objective().gradient({n: at[n] for n in c.parameters}) for c in captures]
    if len(found) < 2:
        return None
    names = set.intersection(*(set(g) for g in found))
    total = 0.0
    for name in names:
        total += float(torch.stack([g[name].double() for g in found]).var(dim=0).sum())
    return math.sqrt(total / len(found))


def _chain_gain(gradient: Mapping[str, Tensor]) -> float | None:
    """Typical gradient (RMS) of the first weights over that of the last, as the optimizer has them.

    Weight matrices and kernels only; None if there are not two, or none reaches the last.
    """
    weights = [g for g in gradient.values() if g.dim() >= 2]
    if len(weights) < 2:
        return None
    first, last = (float(g.double().square().mean().sqrt()) for g in (weights[0], weights[-1]))
    return first / last if last > 0 else None


def _dot(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> float:
    return sum(float((a[n].double() * b[n].double()).sum()) for n in a if n in b)
