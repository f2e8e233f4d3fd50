"""A softmax that runs over the examples of a batch instead of the classes of an example."""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, LossCall, Remedy

from .calls import calls_of, places_of
from .misuse import Misuse

_LEAST_CLASSES = 2


def softmax_axis(case: Case) -> list[Misuse]:
    """A softmax over the examples instead of the classes."""
    for call in calls_of(case):
        proof = _not_over_classes(call)
        if proof is not None:
            return [_wrong_axis(case, call, *proof)]
    return []


def _not_over_classes(call: LossCall) -> tuple[str, float, float] | None:
    """What was measured of the values and what it would be over the classes; None if it fits.

    Probabilities add up to 1 over the classes. Of log-probabilities of K classes the largest of
    all is at least −ln K, and their sum over the classes is at most −K ln K, whatever they are.
    """
    given = call.prediction
    if len(given.shape) != 2 or given.shape[1] < _LEAST_CLASSES or not call.after:
        return None
    classes, log = given.shape[1], math.log(given.shape[1])
    low, high = given.sum_last
    if call.after[0] == "Softmax" and call.function != "cross_entropy_loss":
        wrong = max(abs(low - 1), abs(high - 1))
        return ("sum_over_classes", high if high > 1 else low, 1.0) if wrong > _TOLERANCE else None
    is_log = call.after[0] == "LogSoftmax" or call.after[:2] == ("Log", "Softmax")
    if not is_log or call.function == "cross_entropy_loss":
        return None
    if given.maximum < -log - _TOLERANCE:
        return ("largest_log_probability", given.maximum, -log)
    if high > -classes * log * (1 - _TOLERANCE) + _TOLERANCE:
        return ("sum_of_log_probabilities", high, -classes * log)
    return None


_TOLERANCE = 0.05  # half precision adds up a few hundred probabilities to within some per cent


def _wrong_axis(case: Case, call: LossCall, name: str, measured: float, right: float) -> Misuse:
    rows, classes = call.prediction.shape
    where = places_of(case, ("Softmax", "LogSoftmax")) or call.place
    return Misuse(
        severity="error",
        title=f"the softmax does not run over the {classes} classes",
        where=where,
        first_step=case.chains[0][0] if case.chains else 0,
        evidence={
            name: Evidence(measured, "", right, "what it is, or bounded by, over the classes"),
            "classes": Evidence(float(classes), "classes"),
            "examples": Evidence(float(rows), "examples"),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(case.loss_end, rows="series loss"),
        },
        explanation=(
            f"The loss at {call.place} was given a table of {rows} examples and {classes} classes. "
            f"For probabilities over the classes of each example the {name.replace('_', ' ')} "
            f"would be {'at least ' if name == 'largest_log_probability' else ''}"
            f"{'at most ' if name == 'sum_of_log_probabilities' else ''}{number(right)}; it is "
            f"{number(measured)}. So the softmax runs over another axis, such as the examples:\n\n"
            "    p_ik = e^z_ik / Σ_i e^z_ik   in place of   e^z_ik / Σ_k e^z_ik\n\n"
            "The examples of a batch then compete for each class, one example's gradient depends "
            f"on which others it was drawn with, and a single example has no answer at all. The "
            f"loss went from {number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "let the softmax run over the classes: dim=1 or dim=-1",
                f"then each of the {rows} rows adds up to 1",
            ),
        ),
    )
