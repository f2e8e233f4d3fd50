"""Targets that the output cannot reach."""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number, percent
from chainrule.records import Evidence, LossCall, Remedy, Values

from .calls import calls_of, mean_square
from .misuse import Misuse, graded

OUT_OF_REACH = 0.5
"""How far beyond the range of the last activation the targets reach, in their own standard
deviations: less is the tail of a distribution."""

UNEXPLAINED = 0.1
"""Mean square of what is missed over the variance of the targets: below a tenth the model has
learned them in spite of its range."""

_REACH = {
    "Sigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Hardsigmoid": (0.0, 1.0),
    "Tanh": (-1.0, 1.0),
    "Relu": (0.0, math.inf),
    "Softplus": (0.0, math.inf),
    "Exp": (0.0, math.inf),
    "Elu": (-1.8, math.inf),  # SELU, an Elu node too, reaches down to −1.758
    "LogSoftmax": (-math.inf, 0.0),
    "LogSigmoid": (-math.inf, 0.0),
}
"""What an activation can give, whatever its input."""


def target_range(case: Case) -> list[Misuse]:
    """The last activation's range ends before the targets do, and the run shows it."""
    for call in reversed(calls_of(case)):
        missed, target = mean_square(call), call.target
        if missed is None or target is None or not call.after or call.after[0] not in _REACH:
            continue
        low, high = _REACH[call.after[0]]
        spread = math.sqrt(max(0.0, target.rms**2 - target.mean**2))
        beyond = max(low - target.minimum, target.maximum - high)
        if not spread > 0 or not beyond >= OUT_OF_REACH * spread:
            continue
        if not missed >= UNEXPLAINED * spread**2:
            continue
        return [_of_reach(case, call, target, (low, high), beyond / spread, missed / spread**2)]
    return []


def _of_reach(
    case: Case,
    call: LossCall,
    target: Values,
    reach: tuple[float, float],
    beyond: float,
    missed: float,
) -> Misuse:
    low, high = reach
    name = call.after[0]
    least = _share_of_two(target, reach)
    evidence = {
        "beyond_reach": Evidence(
            beyond, "standard deviations of the targets", OUT_OF_REACH, "more than a tail"
        ),
        "missed": Evidence(
            missed, "of the targets' variance", UNEXPLAINED, "not learned in spite of it"
        ),
        "smallest_target": Evidence(target.minimum),
        "largest_target": Evidence(target.maximum),
        "smallest_prediction": Evidence(call.prediction.minimum),
        "largest_prediction": Evidence(call.prediction.maximum),
    }
    if least is not None:
        evidence["targets_out_of_reach"] = Evidence(least, "of the targets")
    nearest = max(low, min(high, target.mean))
    floor = (target.mean - nearest) ** 2
    if floor > 0:
        evidence["lowest_possible_mean_square"] = Evidence(floor, "", 0.0, "by convexity")
    bound = "" if floor == 0 else f"\n\n    mean of (f − y)² ≥ {number(floor)}, whatever is learned"
    return Misuse(
        severity="error" if floor > 0 or missed >= 1 else graded(case),
        title=(
            f"targets from {number(target.minimum)} to {number(target.maximum)} "
            f"for a {name.lower()} that gives {number(low)} to {number(high)}"
        ),
        where=call.place,
        first_step=case.forward_passes[0].step,
        evidence=evidence,
        explanation=(
            f"The prediction at {call.place} is the output of a {name.lower()}, which lies "
            f"between {number(low)} and {number(high)} for every input. The targets reach from "
            f"{number(target.minimum)} to {number(target.maximum)}"
            + (f"; {percent(least)} of them are out of reach" if least is not None else "")
            + ". Such a target pulls the output against its bound, where the derivative of the "
            f"{name.lower()} is nearly 0, and no pull reaches the weights any more.{bound}\n\n"
            "In the last pass that was looked at, predictions lay between "
            f"{number(call.prediction.minimum)} and {number(call.prediction.maximum)}, and the "
            f"mean square of what they missed was {number(missed)} of the targets' variance."
        ),
        remedies=(
            Remedy(
                f"take the {name.lower()} off the last layer",
                "the output of a linear layer has no bounds",
            ),
            Remedy(
                "or map the targets to the range of the activation",
                f"they must lie between {number(low)} and {number(high)}",
            ),
        ),
    )


def _share_of_two(target: Values, reach: tuple[float, float]) -> float | None:
    """Share of targets out of reach, if there are only two different ones; else None.

    The variance is (largest − mean)(mean − smallest) only then (Bhatia and Davis 2000).
    """
    low, high, mean = target.minimum, target.maximum, target.mean
    variance = target.rms**2 - mean**2
    if not high > low or abs(variance - (high - mean) * (mean - low)) > 1e-3 * variance:
        return None
    ones = (mean - low) / (high - low)
    return (1 - ones) * (low < reach[0]) + ones * (high > reach[1])
