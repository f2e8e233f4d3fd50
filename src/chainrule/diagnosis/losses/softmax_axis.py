"""A softmax that runs over the examples of a batch instead of the classes of an example."""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, LossCall, Place, Remedy

from .calls import calls_of, places_of
from .head import Head, heads
from .misuse import Misuse

_LEAST_CLASSES = 2
"""Classes from which there is an axis to choose; a softmax of one is another mistake."""


def softmax_axis(case: Case) -> list[Misuse]:
    """A softmax over the examples instead of the classes."""
    for call in calls_of(case):
        proof = _not_over_classes(call)
        if proof is not None:
            name, measured, right = proof
            sizes = (call.prediction.shape[0], call.prediction.shape[1])
            where = places_of(case, ("Softmax", "LogSoftmax")) or call.place
            return [_wrong_axis(case, where, sizes, name, measured, right)]
    for head in heads(case):
        for node in head.nodes:
            summed = _summed_over_examples(head, node)
            if summed is not None:
                where = head.place(node)
                return [_wrong_axis(case, where, summed, "sums", summed[1], summed[0])]
    return []


def _summed_over_examples(head: Head, node: int) -> tuple[int, int] | None:
    """Examples and classes, if a softmax written by hand has one sum a class, and not an example.

    Read from the elements of the gradient on both sides of a sum of exponentials.
    """
    exponentials = head.before(node)
    classes = head.outputs(node)
    own = head.name(node) == "Logsumexp"
    if exponentials is None or classes is None or classes < _LEAST_CLASSES:
        return None
    if not own and (head.name(node) != "Sum" or head.name(exponentials) != "Exp"):
        return None
    numels = head.chain.backward_pass.numels
    examples, rest = divmod(numels[exponentials], classes)
    if rest or examples == classes or numels[node] != classes:
        return None
    return examples, classes


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


_WORDS = {
    "sum_over_classes": "sum over the classes",
    "largest_log_probability": "largest log-probability",
    "sum_of_log_probabilities": "sum of the log-probabilities of an example",
    "sums": "number of sums in its denominator",
}


def _wrong_axis(
    case: Case, where: Place, sizes: tuple[int, int], name: str, measured: float, right: float
) -> Misuse:
    rows, classes = sizes
    return Misuse(
        severity="error",
        title=f"the softmax does not run over the {classes} classes",
        where=where,
        first_step=case.chains[0][0] if case.chains else 0,
        evidence={
            name: Evidence(
                float(measured), "", float(right), "what it is, or bounded by, over the classes"
            ),
            "classes": Evidence(float(classes), "classes"),
            "examples": Evidence(float(rows), "examples"),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(case.loss_end, rows="series loss"),
        },
        explanation=(
            f"{where} is one of {rows} examples and {classes} classes. For probabilities over the "
            f"classes of each example the {_WORDS[name]} "
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
