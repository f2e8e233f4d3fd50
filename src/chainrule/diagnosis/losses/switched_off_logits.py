"""A ReLU on the scores of a cross entropy: a class whose score is switched off stays at 0."""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number, percent
from chainrule.records import Activation, Evidence, Remedy

from .head import Head, heads
from .misuse import Misuse, graded

VALUES = 200
"""Values of each score that must have been seen at 0: a class of 2 % would be missed less than
once in fifty times, (1 − 0.02)²⁰⁰ < 2 %."""


def switched_off_logits(case: Case) -> list[Misuse]:
    """The mistake, if some score was 0 on all that was seen lately."""
    for head in heads(case):
        for node in head.nodes:
            before = head.before(node)
            if head.name(node) != "LogSoftmax" or before is None or head.name(before) != "Relu":
                continue
            seen = [
                a
                for step, chain in case.chains
                if chain.graph.id == head.chain.graph.id and step in case.late_steps
                for a in chain.backward_pass.activations
                if a.node == before and a.units
            ]
            dead, values = _dead(seen)
            if dead and values >= VALUES:
                return [_misuse(case, head, node, before, dead, seen[-1].units, values)]
    return []


def _dead(seen: list[Activation]) -> tuple[int, int]:
    """How many units were 0 on every value, and how many values of each were seen."""
    if not seen:
        return 0, 0
    mask, values = (1 << 8 * len(seen[-1].dead_mask)) - 1, 0
    for a in reversed(seen):  # back from the end, until enough was seen
        if values >= VALUES:
            break
        if a.units == seen[-1].units and a.dead_mask:
            mask &= int.from_bytes(a.dead_mask, "big")
            values += a.examples
    return mask.bit_count(), values


def _misuse(
    case: Case, head: Head, node: int, before: int, dead: int, units: int, values: int
) -> Misuse:
    place, loss = head.place(before), head.place(node)
    return Misuse(
        severity="error" if 2 * dead >= units else graded(case),
        title=f"a ReLU on the scores: those of {dead} of {units} classes are 0 on all data",
        where=place,
        first_step=case.chains[0][0],
        evidence={
            "scores_switched_off": Evidence(float(dead), "classes", 0.0, "each needs its score"),
            "classes": Evidence(float(units), "classes"),
            "values_seen": Evidence(float(values), "values of each", float(VALUES)),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(case.loss_end, rows="series loss"),
        },
        explanation=(
            f"{loss} compares scores that may be negative. {place} cuts them off at 0, and there "
            "its derivative is 0:\n\n    ∂L/∂z = ∂L/∂y · ReLU′(z) = ∂L/∂y · 0   for z < 0\n\n"
            f"For {dead} of {units} classes ({percent(dead / units)}) the score was 0 on each of "
            f"the last {values} values seen, so nothing can raise it any "
            f"more and the class is never told. The loss went from {number(case.loss_start)} to "
            f"{number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                f"take out the ReLU ({place})",
                "the softmax in the loss takes scores of any sign",
            ),
        ),
    )
