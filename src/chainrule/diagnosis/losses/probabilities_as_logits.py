"""Probabilities, made by whatever means, given to a cross entropy that takes logits.

Where the softmax is one operation of PyTorch it is seen in the graph (`bounded_logits`). One that
was written by hand, with exponentials and a sum, is known by what it makes.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, LossCall, Remedy

from .calls import calls_of
from .misuse import Misuse, graded

ROUNDING = 1e-3
"""How far sums of probabilities may be from 1: half precision, and an epsilon in a denominator."""

CALLS = 2
"""Calls that must show it; logits add up to 1 in every row of every batch by no chance."""


def probabilities_as_logits(case: Case) -> list[Misuse]:
    """The mistake, if all that a cross entropy was given were probabilities."""
    calls = [
        c
        for c in calls_of(case, "cross_entropy_loss")
        if len(c.prediction.shape) == 2 and c.prediction.shape[1] > 1
    ]
    by_hand = [c for c in calls if c.after[:1] != ("Softmax",) and _are_probabilities(c)]
    if len(by_hand) < CALLS or len(by_hand) < len(calls):
        return []
    return [_misuse(case, by_hand[-1])]


def _are_probabilities(call: LossCall) -> bool:
    low, high = call.prediction.sum_last
    return call.prediction.minimum >= 0 and abs(low - 1) < ROUNDING and abs(high - 1) < ROUNDING


def _misuse(case: Case, call: LossCall) -> Misuse:
    classes = call.prediction.shape[1]
    floor = math.log1p((classes - 1) / math.e)
    low, high = call.prediction.sum_last
    start, end = case.loss_start, case.loss_end
    return Misuse(
        severity=graded(case),
        title=f"probabilities in place of logits: the loss cannot fall below {number(floor)}",
        where=call.place,
        first_step=case.forward_passes[0].step,
        evidence={
            "smallest_sum_over_classes": Evidence(low, "", 1.0, "probabilities add up to 1"),
            "largest_sum_over_classes": Evidence(high, "", 1.0, "probabilities add up to 1"),
            "lowest_possible_loss": Evidence(floor, "", 0.0, "right logits can reach a loss of 0"),
            "classes": Evidence(float(classes), "classes"),
            "loss_first": Evidence(start, rows="series loss"),
            "loss_last": Evidence(end, rows="series loss"),
        },
        explanation=(
            f"The loss at {call.place} takes scores of any size and makes a softmax of its own. It "
            f"was given numbers between {number(call.prediction.minimum)} and "
            f"{number(call.prediction.maximum)} that add up to 1 over the {classes} classes in "
            "every example that was looked at: a softmax was taken already. Of numbers between 0 "
            "and 1 a second one makes no probability above e/(e + K − 1), so the loss cannot fall "
            f"below\n\n    ln(1 + (K − 1)/e) = {number(floor)}   with K = {classes}\n\n"
            f"In this run it went from {number(start)} to {number(end)}, and the derivative of the "
            "first softmax, p(1 − p) at most 1/4, is one more factor of every gradient."
        ),
        remedies=(
            Remedy(
                "give the loss the scores themselves",
                "it takes the softmax and the logarithm in one, without overflow",
                "PyTorch documentation of cross_entropy: input, unnormalised logits",
            ),
        ),
    )
