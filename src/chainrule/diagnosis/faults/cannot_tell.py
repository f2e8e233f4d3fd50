"""Cannot tell.

What it is
    Too little was seen for a verdict, and nothing wrong was found in what was seen.

Why it happens
    The script stopped after a step or two, never changes its weights, or ran its
    backward passes where chainrule stands aside. Its backward passes start at tensors of several
    elements, so that no loss is seen. Or the loss hardly fell, and no step could be done again, so
    that nobody can say whether steps are too long, too short, or the place is flat. Or nothing was
    learned, and no other fault was found that would say why.

How it is found
    Fewer than 2 sampled steps with an optimizer step and a backward pass (quantity
    `sampled_steps`, threshold 2: one step has no second to compare with). Or the weights hardly
    moved at all: with its measured updates added up over the run, not one weight matrix went as
    far as a thousandth of its size (quantity `largest_movement`, threshold 1e-3: a tenth of the
    1 % below which vanishing-gradient calls a layer stuck). Such a run shows nothing of how the
    model learns; a learning rate of 0 is the usual reason. A run that has converged moved before.
    Or there is no loss in the file (`losses_seen`, threshold 1). Or `loss_left` is 0.9 or more (a
    tenth not gained: batches differ by some per cent) of a run with one optimizer, no step was
    scanned (`scanned_steps`, threshold 1), and a step was refused: what is said then is why. Or
    `loss_left`, here of the first loss or of that of a constant answer where it is lower, is 0.9 or
    more after 200 steps with one optimizer (quantity `steps`): runs of small networks with rates
    that work gain a tenth in the first 20 to 200. If half of what there was to
    gain had been gained before (`loss_lowest`, the lowest median of eight losses in a row or more),
    the step after which that was lost is told. Of a loss that starts at 0 or below, as that of a
    policy, shares say nothing.

Example that has it
    A script that stops after its first step.

Example that has not
    Any of the examples.

Remedies
    Let it train for at least a few steps; let it change its weights; call `backward` on a
    scalar; make steps that can be done again (docs/capture.md).

Known limits
    None known.

References
    Karpathy (2019), A Recipe for Training Neural Networks: one batch is learned by heart first.
"""

import math
from statistics import median

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.unlearned import LEARNS_WITHIN, NOT_LEARNED, Unlearned, unlearned
from chainrule.diagnosis.wording import count, number, percent, plural
from chainrule.records import Evidence, Finding, Place, Remedy

NAME = "cannot-tell"
SUMMARY = "Too little was seen for a verdict, or nothing was learned and nothing says why."

SAMPLED_STEPS = 2
"""Sampled steps needed: one step has no second to compare with."""

LOSSES = 8
"""Losses in a row whose median says how low a run was: one easy batch is no learning."""

STRETCHES = 200
"""Stretches into which a long run is divided to find where it was lowest."""

LARGEST_MOVEMENT = 1e-3
"""Share of its size that some weight must be able to move in the run: a tenth of the 1 % below
which a layer counts as stuck at its initialisation."""


def check(case: Case) -> list[Finding]:
    """What was missing, if something was."""
    useful = [s for s in case.samples if s.parameters and s.backward_passes]
    run = case.run
    if len(useful) >= SAMPLED_STEPS:
        return (
            _resting(case) or _without_loss(case) or _without_scans(case) or _nothing_learned(case)
        )
    if run.steps == 0 and run.backward_passes:
        missing = (
            f"{plural(run.backward_passes, 'backward pass', 'backward passes')} but no step: "
            "neither of an optimizer, nor a change of the weights by hand"
        )
        advice = "step with an optimizer, or train for longer"
    elif run.steps and not case.chains:
        missing = (
            f"{plural(run.steps, 'optimizer step')} but no backward pass that could be sampled"
        )
        advice = "see the notes of the run for what stood in the way"
    else:
        missing = f"only {plural(run.steps, 'optimizer step')}"
        advice = "let it train for at least a few steps"
    return [
        Finding(
            fault=NAME,
            severity="note",
            title=f"saw {missing}",
            where=Place(),
            steps=(0, case.last_step),
            evidence={
                "steps": Evidence(float(run.steps), "steps"),
                "sampled_steps": Evidence(float(len(useful)), "steps", float(SAMPLED_STEPS)),
                "backward_passes": Evidence(float(run.backward_passes), "passes"),
            },
            explanation=f"The run showed {missing}: too little for a verdict.",
            remedies=(Remedy(advice, "a verdict needs at least two measured steps"),),
        )
    ]


def _resting(case: Case) -> list[Finding]:
    """Enough was measured, but nothing moved: no clean bill for that."""
    known = [way for w in case.weights if math.isfinite(way := case.way(w))]
    if not known or max(known) >= LARGEST_MOVEMENT:
        return []
    return [
        Finding(
            fault=NAME,
            severity="note",
            title="the weights hardly moved: nothing to judge by",
            where=Place(),
            steps=(0, case.last_step),
            evidence={
                "largest_movement": Evidence(
                    max(known),
                    "share of the weight, over the run",
                    LARGEST_MOVEMENT,
                    "a tenth of what counts as stuck",
                )
            },
            explanation=(
                f"The gradient reaches the weights, but in {plural(case.run.steps, 'step')} no "
                f"weight matrix moved by more than {percent(max(known))} of its size. What "
                "such a run would learn cannot be told from it."
            ),
            remedies=(
                Remedy(
                    "look at the learning rate and its scheduler: 0 or very small is the usual "
                    "reason",
                    "the step is η∇L; if η is right, the weights were at rest from the start",
                ),
            ),
        )
    ]


def _without_loss(case: Case) -> list[Finding]:
    """Gradients were measured, but no backward pass started at a scalar."""
    if any(loss.values for loss in case.losses.values()):
        return []
    return [
        _missing(
            case,
            "saw no loss: every backward pass starts at a tensor of several elements",
            {"losses_seen": Evidence(0.0, "steps", 1.0, "one value is the least")},
            "The gradient reaches the weights and they move, but what they are moved for was not "
            "seen: backward() was called on a tensor of several elements, with a gradient of the "
            "script's own. Whether the loss falls cannot be told.",
            Remedy(
                "call backward() on the loss itself, a tensor of one element",
                "its value is then known at every step",
            ),
        )
    ]


def _without_scans(case: Case) -> list[Finding]:
    """The loss hardly fell, and what would say why was refused."""
    refused = [event for event in case.events if event.kind == "capture"]
    start, end = case.loss_start, case.loss_end
    if case.step_scans or not refused or len(case.optimizers) != 1 or not start > 0:
        return []
    if not end >= NOT_LEARNED * start:
        return []
    return [
        _missing(
            case,
            f"the loss went from {number(start)} to {number(end)}, and no step could be done again",
            {
                "loss_left": Evidence(
                    end / start, "of the first", NOT_LEARNED, "a tenth not gained", "series loss"
                ),
                "scanned_steps": Evidence(0.0, "steps", 1.0, "one is the least", "step_scan"),
                "refused_steps": Evidence(float(len(refused)), "steps", rows="event capture"),
            },
            f"The loss went from {number(start)} to {number(end)} in "
            f"{plural(case.run.steps, 'step')}. Whether the steps are too long or too short, or "
            "the place is flat, is measured by doing steps again with other lengths, and that "
            f"could not be done. {refused[-1].text}",
            Remedy(
                "make the step one that can be done again; docs/capture.md says what stands in "
                "the way",
                "then a step that is too long or too short is told with its best length",
            ),
        )
    ]


def _nothing_learned(case: Case) -> list[Finding]:
    """Nothing wrong was found, and nothing was learned: no clean bill for that either."""
    left = unlearned(case)
    if len(case.optimizers) != 1 or case.run.steps < LEARNS_WITHIN:
        return []
    if not left.nothing:
        return []
    lost = _lost_again(case, left)
    if lost:
        return lost
    end = number(left.end)
    return [
        _missing(
            case,
            f"nothing was learned in {plural(case.run.steps, 'step')}, and nothing measured says "
            "why",
            {
                **left.evidence_of_nothing,
                "steps": Evidence(
                    float(case.run.steps), "steps", float(LEARNS_WITHIN), "small networks need less"
                ),
            },
            f"The gradient reaches the weights and they move, but the loss ends at {end}; "
            f"{number(left.reference)} was there at the first step, or a constant answer has it. "
            "No fault that chainrule knows was found. So either the task cannot be learned from "
            "these inputs, or it takes longer, or the fault shows in no number of this run.",
            Remedy(
                "train on one batch of ten examples again and again: the loss must come near 0",
                "if it does, the model and its gradients are right, and the data or the length of "
                "the training is what to look at",
                "Karpathy (2019), A Recipe for Training Neural Networks",
            ),
        )
    ]


def _lost_again(case: Case, left: Unlearned) -> list[Finding]:
    """What had been learned was lost in a step that no other fault explains."""
    loss = case.main_loss()
    if loss is None:
        return []
    points = [(s, v) for s, v in zip(loss.steps, loss.values, strict=True) if math.isfinite(v)]
    size = max(LOSSES, len(points) // STRETCHES)
    medians = [
        median(v for _, v in points[i : i + size]) for i in range(0, len(points) - size + 1, size)
    ]
    low = left.half_way
    if not medians or not min(medians) <= low:
        return []
    last = max(i for i, m in enumerate(medians) if m <= low)
    step = max(s for s, v in points[last * size : (last + 2) * size] if v <= low)
    after = next((v for s, v in points if s > step), math.nan)
    measured = any(s.step == step for s in case.samples)
    return [
        _missing(
            case,
            f"what had been learned was lost after step {count(step)}, and nothing measured says "
            "why",
            {
                "loss_lowest": Evidence(
                    min(medians), f"median of {size} losses", low, "half of it gained"
                ),
                "lost_after": Evidence(float(step), "step", rows="series loss"),
                "loss_after": Evidence(after, rows="series loss"),
                **left.evidence_of_nothing,
            },
            f"The loss had come down to {number(min(medians))}. After step {count(step)} it was "
            f"{number(after)}, and it ends at {number(left.end)}, where {number(left.reference)} "
            "was there at the first step, or a constant answer has it. One step that is far too "
            "long does that, after a batch unlike the others or a rate that jumps. "
            + (
                "That step was measured, and no fault was found in it."
                if measured
                else "That step was not among those that were measured, and what was measured "
                "later looks sound."
            ),
            Remedy(
                f"look at the batches of step {count(step)} and the one after it",
                "a batch unlike the others has a gradient unlike theirs",
            )
            if measured
            else Remedy(
                "run again with `chainrule run --every all`, with the same seed",
                f"then step {count(step)} and the one after it are measured in full",
            ),
        )
    ]


def _missing(
    case: Case, title: str, evidence: dict[str, Evidence], explanation: str, remedy: Remedy
) -> Finding:
    return Finding(
        fault=NAME,
        severity="note",
        title=title,
        where=Place(),
        steps=(0, case.last_step),
        evidence=evidence,
        explanation=explanation,
        remedies=(remedy,),
    )
