"""Batches that hold one class each, while the loss jumps at every new one: data in their order."""

from dataclasses import dataclass
from itertools import pairwise

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.constant_prediction import constant_prediction
from chainrule.diagnosis.unlearned import unlearned
from chainrule.diagnosis.wording import count, number, plural
from chainrule.records import Evidence, Finding, Place, Remedy

EXAMPLES = 8
"""Examples in a batch, at least: of two classes as frequent as each other, eight drawn at random
are of one class in 1 of 128."""

BATCHES = 4
"""Batches seen, at least: with fewer one odd batch decides."""

MOST = 0.75
"""Share of them that must be of one class: of a sorted file those across an end are not."""

LEARNED = 0.5
"""Share of a constant answer's loss below which a batch is answered; above all of it the next one
is answered worse than by somebody who has never seen an example."""


@dataclass(frozen=True, slots=True)
class _Batches:
    seen: int
    of_one: tuple[float, ...]  # the class of each that holds but one
    classes: int
    place: Place


def sorted_batches(case: Case, fault: str) -> list[Finding]:
    """The finding, if the data come class after class, again and again.

    Args:
        case: The run.
        fault: Name that the finding gets.
    """
    batches, constant = _batches(case), constant_prediction(case)
    if batches is None or constant is None or len(case.optimizers) != 1:
        return []
    of_one, distinct = len(batches.of_one), len(set(batches.of_one))
    if batches.seen < BATCHES or of_one < MOST * batches.seen or distinct < 2:
        return []
    loss, left = case.main_loss(), unlearned(case)
    late = loss.values[len(loss.values) // 2 :] if loss is not None else ()
    low = LEARNED * constant.loss
    jumps = [(a, b) for a, b in pairwise(late) if a <= low and b >= constant.loss]
    if len(jumps) < batches.classes and not left.nothing:
        return []
    evidence = {
        "batches_of_one_class": Evidence(
            of_one / batches.seen, "of the batches seen", MOST, "", "forward_pass"
        ),
        "classes_seen": Evidence(float(distinct), "classes"),
    }
    if len(jumps) >= batches.classes:
        before, after = max(jumps, key=lambda jump: jump[1] - jump[0])
        evidence |= {
            "jumps": Evidence(
                float(len(jumps)),
                "in the later half",
                float(batches.classes),
                "as many as classes: they come round again",
                "series loss",
            ),
            "loss_before_a_jump": Evidence(before, "", low, "half of a constant answer's"),
            "loss_after_a_jump": Evidence(after, "", constant.loss, constant.words),
            **left.evidence,
        }
        seen = (
            f"\n\n    L(θ) on the batch of a step        {number(before)}\n"
            f"    L(θ) on the batch of the next one  {number(after)}\n\n"
            f"In the later half of the run that happened {count(len(jumps))} times "
            f"({constant.words} has {number(constant.loss)})."
        )
    else:
        evidence |= left.evidence_of_nothing
        seen = (
            f" So the steps undo each other: the loss ends at {number(left.end)}; "
            f"{constant.words} has {number(constant.loss)}."
        )
    return [
        Finding(
            fault=fault,
            severity="error" if left.most else "warning",
            title="each batch holds one class, and each step pulls to the answer of its own",
            where=batches.place,
            steps=(0, case.last_step),
            evidence=evidence,
            explanation=(
                f"Of {plural(batches.seen, 'batch', 'batches')} that were looked at, "
                f"{count(of_one)} held examples of a single class, of {count(distinct)} different "
                "ones in all. A step goes down the gradient of its own batch, θ ← θ − η∇L, and "
                "what lowers the loss of one class is to answer that class whatever the input is. "
                f"The next batch is of another.{seen} The mean of such gradients over an epoch "
                "would be the right one, but no step sees more than its own."
            ),
            remedies=(
                Remedy(
                    "shuffle the training data: DataLoader(…, shuffle=True)",
                    "each batch is then a sample of all classes, and its gradient one of ∇L",
                    "Bottou (2012), Stochastic Gradient Descent Tricks, section 4.1",
                ),
            ),
        )
    ]


def _batches(case: Case) -> _Batches | None:
    """The targets that are numbers of classes, of each forward pass that was looked at."""
    calls = [
        call
        for forward in case.forward_passes
        for call in forward.losses[:1]
        if call.function in ("cross_entropy_loss", "nll_loss")
        and call.target is not None
        and call.target.dtype == "int64"
        and call.target.shape
        and call.target.shape[0] >= EXAMPLES
        and len(call.prediction.shape) > 1
    ]
    if not calls:
        return None
    targets = [call.target for call in calls if call.target is not None]
    return _Batches(
        seen=len(calls),
        of_one=tuple(t.minimum for t in targets if t.minimum == t.maximum),
        classes=calls[-1].prediction.shape[1],
        place=calls[-1].place,
    )
