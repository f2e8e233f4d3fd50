"""Outputs that were already squeezed by a softmax or a sigmoid, given to a loss that takes logits.

A cross entropy takes a softmax of its own. Of numbers between a and b it cannot make a
probability above e^b / (e^b + (K−1) e^a), so the loss has a floor, and the derivative of what
squeezed them is a factor of every gradient.
"""

import math
from dataclasses import dataclass

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, Remedy

from .calls import calls_of
from .head import Head, heads
from .misuse import Misuse, graded

FLOOR_SHARE = 0.5
"""Share of the loss at the end that must be the floor, for outputs that were squeezed into more
than an interval of length 1 (tanh): less than half is not what holds the loss up."""


@dataclass(frozen=True, slots=True)
class _Squeezed:
    low: float
    high: float
    words: str


_RANGES = {
    "Softmax": _Squeezed(0.0, 1.0, "probabilities"),
    "Sigmoid": _Squeezed(0.0, 1.0, "numbers between 0 and 1"),
    "Hardsigmoid": _Squeezed(0.0, 1.0, "numbers between 0 and 1"),
    "Tanh": _Squeezed(-1.0, 1.0, "numbers between -1 and 1"),
    "Relu": _Squeezed(0.0, math.inf, "numbers that are not negative"),
}


def bounded_logits(case: Case) -> list[Misuse]:
    """Softmax, sigmoid or tanh before a cross entropy; any of them or ReLU before a binary one."""
    found: dict[tuple[str, str], Misuse] = {}
    for head in heads(case):
        for node in head.nodes:
            before = head.before(node)
            if before is None:
                continue
            squeezed, loss = head.name(before), head.name(node)
            misuse = None
            if loss == "LogSoftmax" and squeezed in _RANGES and squeezed != "Relu":
                misuse = _of_classes(case, head, node, before)
            elif loss in ("BinaryCrossEntropyWithLogits", "LogSigmoid") and squeezed in _RANGES:
                misuse = _of_two(case, head, node, before)
            elif loss == squeezed == "LogSoftmax":
                misuse = _twice(head, node, before)
            if misuse is not None:
                found.setdefault((squeezed, str(head.place(before))), misuse)
    return list(found.values())


def _of_classes(case: Case, head: Head, node: int, before: int) -> Misuse | None:
    kind = _RANGES[head.name(before)]
    known = _classes(case, head, before)
    if known == 1:
        return None
    classes = known or 2  # more classes have a higher floor
    width = kind.high - kind.low
    floor = math.log1p((classes - 1) * math.exp(-width))
    if width > 1 and not floor >= FLOOR_SHARE * case.loss_end:
        return None
    formula = (
        f"ln(1 + (K − 1)·e^({number(kind.low)} − {number(kind.high)})) = {number(floor)}   "
        f"with K = {classes}{'' if known else ' at least'}"
    )
    return _misuse(
        case,
        head,
        node,
        before,
        floor,
        formula,
        {"classes": Evidence(float(classes), "classes")},
        "a softmax of its own",
    )


def _of_two(case: Case, head: Head, node: int, before: int) -> Misuse | None:
    kind = _RANGES[head.name(before)]
    calls = calls_of(case, "binary_cross_entropy_with_logits")
    target = calls[-1].target if calls else None
    share = target.mean if target is not None and 0 <= target.mean <= 1 else None
    of_ones = math.log1p(math.exp(-kind.high)) if math.isfinite(kind.high) else 0.0
    of_zeros = math.log1p(math.exp(kind.low))
    floor = min(of_ones, of_zeros) if share is None else share * of_ones + (1 - share) * of_zeros
    formula = (
        f"at least {number(of_ones)} for each target of 1, {number(of_zeros)} for each of 0"
        + (f": {number(floor)} with {number(100 * share)} % of ones" if share is not None else "")
    )
    if head.name(before) in ("Tanh", "Relu") and not floor >= FLOOR_SHARE * case.loss_end:
        return None
    evidence = {"share_of_ones": Evidence(share)} if share is not None else {}
    return _misuse(case, head, node, before, floor, formula, evidence, "a sigmoid of its own")


def _misuse(
    case: Case,
    head: Head,
    node: int,
    before: int,
    floor: float,
    formula: str,
    evidence: dict[str, Evidence],
    own: str,
) -> Misuse:
    squeezed, loss = head.place(before), head.place(node)
    kind = _RANGES[head.name(before)]
    gain = middle(
        chain.rms(target) / chain.rms(before)
        for _, chain in case.chains
        if chain.graph.id == head.chain.graph.id and chain.rms(before) > 0
        for target in head.targets(before)[:1]
    )
    start, end = case.loss_start, case.loss_end
    what = head.name(before).lower()
    return Misuse(
        severity=graded(case),
        title=f"{what} before a loss that takes logits: it cannot fall below {number(floor)}",
        where=squeezed,
        first_step=case.chains[0][0],
        evidence={
            "lowest_possible_loss": Evidence(floor, "", 0.0, "right logits can reach a loss of 0"),
            "gain_of_the_extra_operation": Evidence(gain, "of the gradient"),
            "loss_first": Evidence(start, rows="series loss"),
            "loss_last": Evidence(end, rows="series loss"),
            **evidence,
        },
        explanation=(
            f"{loss} takes scores of any size and makes {own} of them. It is given the output of "
            f"{squeezed}: {kind.words}. Of these no confident answer can be made, however well "
            f"the model has learned, and the loss cannot fall below\n\n    {formula}\n\n"
            f"In this run it went from {number(start)} to {number(end)}. And the derivative of "
            f"the extra {what} is one more factor of the chain:\n\n"
            f"    ∂L/∂z = ∂L/∂p · ∂p/∂z,   here × {number(gain)} (measured)\n\n"
            "so every weight before it learns by so much less in a step of plain gradient descent."
        ),
        remedies=(
            Remedy(
                f"take out the {what} ({squeezed}) and give the loss the layer's output itself",
                f"the loss makes {own}; use the extra one only where probabilities are shown",
                "PyTorch documentation of the loss: input, unnormalised logits",
            ),
        ),
    )


def _twice(head: Head, node: int, before: int) -> Misuse:
    first, second = head.place(before), head.place(node)
    return Misuse(
        severity="note",
        title="log-softmax is taken twice; the second changes nothing",
        where=first,
        first_step=head.step,
        evidence={"log_softmaxes": Evidence(2.0, "in a row", 1.0)},
        explanation=(
            f"{second} takes a log-softmax of {first}, which is one already. The logarithms of "
            "probabilities add up, as exponentials, to 1, so the second subtracts ln 1 = 0: it "
            "costs time and does no harm."
        ),
        remedies=(
            Remedy(
                "use nll_loss on the log-softmax, or cross_entropy on the logits",
                "either is the same loss with one operation less",
            ),
        ),
    )


def _classes(case: Case, head: Head, node: int) -> int | None:
    """How many classes the loss chooses from."""
    calls = calls_of(case, "cross_entropy_loss", "nll_loss", "nll_loss_nd")
    if calls and len(calls[-1].prediction.shape) >= 2:
        return calls[-1].prediction.shape[1]
    return head.outputs(node)
