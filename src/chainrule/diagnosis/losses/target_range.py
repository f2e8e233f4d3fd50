"""Targets that the output cannot reach, or that the loss was not made for."""

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

SLACK = 0.01
"""How far a target may lie outside of what a loss takes: rounding and label smoothing."""

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

_SIGNED = ("hinge_embedding_loss", "soft_margin_loss", "margin_ranking_loss")


def target_range(case: Case) -> list[Misuse]:
    """The mistakes, each at most once."""
    calls = calls_of(case)
    found = [_unreachable(case, calls), _outside_of_probabilities(case), _unsigned(case)]
    return [misuse for misuse in found if misuse is not None]


def _unreachable(case: Case, calls: list[LossCall]) -> Misuse | None:
    """The last activation's range ends before the targets do, and the run shows it."""
    for call in reversed(calls):
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
        return _of_reach(case, call, target, (low, high), beyond / spread, missed / spread**2)
    return None


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


def _outside_of_probabilities(case: Case) -> Misuse | None:
    """Targets of a binary cross entropy that are no probabilities: it has no lower bound then."""
    for call in calls_of(case, "binary_cross_entropy_with_logits", "binary_cross_entropy"):
        target = call.target
        if target is None:
            continue
        if target.minimum >= -SLACK and target.maximum <= 1 + SLACK:
            continue
        low = target.minimum < -SLACK
        value = target.minimum if low else target.maximum
        return Misuse(
            severity="error",
            title=f"a binary cross entropy with targets of {number(value)}",
            where=call.place,
            first_step=case.forward_passes[0].step,
            evidence={
                "smallest_target": Evidence(target.minimum, "", 0.0, "a probability"),
                "largest_target": Evidence(target.maximum, "", 1.0, "a probability"),
                "lowest_possible_loss": Evidence(-math.inf, "", 0.0, "of probabilities: 0"),
                "loss_last": Evidence(case.loss_end, rows="series loss"),
                "loss_first": Evidence(case.loss_start, rows="series loss"),
            },
            explanation=(
                f"The loss at {call.place} is\n\n"
                "    L = −y·ln σ(z) − (1 − y)·ln(1 − σ(z)),   ∂L/∂z = σ(z) − y\n\n"
                f"and y is to be a probability. With y = {number(value)} the derivative never "
                "becomes 0, for σ(z) lies between 0 and 1: the score is driven "
                f"{'down' if low else 'up'} without end and the loss below 0 without bound. It "
                f"went from {number(case.loss_start)} to {number(case.loss_end)}."
            ),
            remedies=(
                Remedy(
                    "map the targets to 0 and 1"
                    + (": y = (y + 1) / 2 for labels of −1 and 1" if value == -1 else ""),
                    "then the loss is lowest where σ(z) = y",
                ),
                Remedy(
                    "for targets that are no probabilities, take a squared error",
                    "it is lowest at the target, whatever that is",
                ),
            ),
        )
    return None


def _unsigned(case: Case) -> Misuse | None:
    """Labels of 0 and 1 for a loss that multiplies by −1 and 1."""
    for call in calls_of(case, *_SIGNED):
        target = call.target
        if target is None or not target.integral or not (target.minimum == 0 <= target.maximum):
            continue
        zeros = 1 - target.mean / target.maximum if target.maximum > 0 else 1.0
        return Misuse(
            severity="error",
            title=f"{call.function} with labels of 0, where it takes −1 and 1",
            where=call.place,
            first_step=case.forward_passes[0].step,
            evidence={
                "smallest_target": Evidence(0.0, "", -1.0, "labels are −1 and 1"),
                "share_of_zeros": Evidence(zeros, "of the targets", 0.0, "none has a gradient"),
                "loss_last": Evidence(case.loss_end, rows="series loss"),
            },
            explanation=(
                f"{call.function} multiplies the score by the label. For a label of 0 that is\n\n"
                "    ∂L/∂z = ∂L/∂(y·z) · y = ∂L/∂(y·z) · 0 = 0\n\n"
                f"so {percent(zeros)} of the examples, one whole class, teach nothing, and the "
                f"rest is best told to be ever larger. The loss ended at {number(case.loss_end)}."
            ),
            remedies=(Remedy("use 2·y − 1 as the label", "then 0 becomes −1"),),
        )
    return None
