"""How fast the run learns: the slope of its losses over its steps, with its uncertainty."""

import math

from chainrule.instruments.loss_curve import FEWEST, loss_curve_slope
from chainrule.records.slope import LossCurveSlope

from .case import Case, middle
from .wording import count, number


def pace(case: Case) -> LossCurveSlope | None:
    """The slope of the later half of the losses; of all of them if the half is too short.

    What the gradient promised for a scanned step (∇L·Δθ, the median) is kept beside it.

    Returns:
        None if fewer than ten losses are finite.
    """
    loss = case.main_loss()
    if loss is None:
        return None
    half = len(loss.values) // 2
    for first in (half, 0):
        values, steps = loss.values[first:], loss.steps[first:]
        if sum(map(math.isfinite, values)) >= FEWEST:
            promised = middle(scan.promised for scan in case.step_scans)
            return loss_curve_slope(
                values, steps, promised=promised if math.isfinite(promised) else None
            )
    return None


def steps_needed(slope: LossCurveSlope, fall: float) -> float:
    """Steps in which the loss falls so far at the fastest pace that its interval allows.

    Infinite if it allows no fall at all.
    """
    return fall / -slope.low if slope.low < 0 else math.inf


def pace_in_words(slope: LossCurveSlope, fall: float) -> str:
    """Two lines of numbers and what they mean for a fall of a given size."""
    needed = steps_needed(slope, fall)
    lines = [
        "    the loss against steps, measured    "
        f"{number(slope.slope)} a step (95 %: {number(slope.low)} to {number(slope.high)})"
    ]
    if slope.promised is not None:
        lines.append(
            "    the loss against θ, ∇L·Δθ           "
            f"{number(slope.promised)} a step (−η‖∇L‖² under plain gradient descent)"
        )
    so = (
        f"So a fall of {number(fall)} takes at least {count(max(1, needed))} steps of this run."
        if math.isfinite(needed)
        else f"At that pace a fall of {number(fall)} never comes."
    )
    return "\n".join(lines) + f"\n\n{so}"
