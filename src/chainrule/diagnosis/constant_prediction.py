"""The loss of an answer that does not look at its input: what learning anything must get below."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from chainrule.records import LossCall, Values

from .case import Case
from .losses.calls import mean_square
from .losses.head import heads

SAME = 0.02
"""How far the measured call may differ from the loss of its step, in shares, and still be it: a
summary of large tensors is taken from part of them."""

_CLASSES = ("cross_entropy_loss", "cross_entropy", "nll_loss", "nll_loss_nd", "nll_loss2d")
_BINARY = ("binary_cross_entropy_with_logits", "binary_cross_entropy")

_BOUNDS: dict[str, Callable[[float], float]] = {
    "l1_loss": math.sqrt,  # no mean deviation is above the standard one
    "smooth_l1_loss": math.sqrt,  # below |r| for every beta
    "huber_loss": lambda variance: variance / 2,  # below r²/2 for every delta
}
"""What the losses of residuals r are not above for the mean of the targets, by their variance."""


@dataclass(frozen=True, slots=True)
class ConstantPrediction:
    """A constant answer and its loss.

    Attributes:
        loss: Its loss, or a bound that it is not above.
        words: What it is, for a sentence.
        floor: What no answer at all gets below: targets that are shares and not classes have an
            entropy of their own, and the cross entropy has it too.
    """

    loss: float
    words: str
    floor: float = 0.0


def constant_prediction(case: Case) -> ConstantPrediction | None:
    """From the latest call that is the loss of its step; None if the loss is something else."""
    loss = case.main_loss()
    values = dict(zip(loss.steps, loss.values, strict=True)) if loss is not None else {}
    for forward in reversed(case.forward_passes):
        for call in forward.losses:
            made, value = _value(call), values.get(forward.step, math.nan)
            if not abs(made - value) <= SAME * abs(value):
                continue
            constant = _of(call)
            if constant is not None:
                return constant
    for head in heads(case):
        if head.name(0).startswith("NllLoss") and (classes := head.outputs(0)):
            return _of_classes(classes)
    return None


def _value(call: LossCall) -> float:
    return call.made.rms**2 if call.function == "sub" else call.made.mean


def _of(call: LossCall) -> ConstantPrediction | None:
    target = call.target
    if call.function in _CLASSES and len(call.prediction.shape) >= 2 and call.reduction != "sum":
        classes = call.prediction.shape[1]
        shares = target is not None and target.shape == call.prediction.shape
        return _of_classes(classes, _floor_of_shares(target) if target and shares else 0.0)
    if target is None or call.reduction == "sum":
        return None
    if call.function in _BINARY and 0 < target.mean < 1:
        ones = target.mean
        entropy = -ones * math.log(ones) - (1 - ones) * math.log1p(-ones)
        return ConstantPrediction(
            entropy, f"the share of ones, {ones:.2g}, for every example", _floor_of_ones(target)
        )
    variance = max(0.0, target.rms**2 - target.mean**2)
    if mean_square(call) is not None and variance > 0:
        return ConstantPrediction(variance, "the mean of the targets for every example")
    bound = _BOUNDS.get(call.function)
    if bound is not None and variance > 0:
        return ConstantPrediction(bound(variance), "the mean of the targets for every example")
    return None


def _floor_of_ones(target: Values) -> float:
    """A bound on the mean entropy of targets between 0 and 1; 0 if they are all 0 or 1.

    H(t) ≥ 4 ln 2 · t(1 − t) for each of them, with the same value at 0, ½ and 1.
    """
    if not (target.minimum >= 0 and target.maximum <= 1):
        return 0.0
    return 4 * math.log(2) * max(0.0, target.mean - target.rms**2)


def _floor_of_shares(target: Values) -> float:
    """A bound on the mean entropy of targets that are a distribution over the classes each.

    H(p) ≥ −ln Σp² (Rényi's of order 2), and the mean of −ln is not below −ln of the mean, by
    Jensen. With one distribution an example Σp² is the mean square times the number of classes.
    """
    classes = target.shape[1]
    if not (target.minimum >= 0 and abs(target.mean * classes - 1) <= SAME):
        return 0.0
    return max(0.0, -math.log(classes * target.rms**2))


def _of_classes(classes: int, floor: float = 0.0) -> ConstantPrediction | None:
    if classes < 2:
        return None
    words = f"the same probability for all {classes} classes"
    return ConstantPrediction(math.log(classes), words, floor)
