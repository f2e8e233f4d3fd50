"""Cannot tell.

What it is
    Too little was seen for a verdict, and nothing wrong was found in what was seen.

Why it happens
    The script stopped after a step or two, has no optimizer of `torch.optim`, or ran its
    backward passes where chainrule stands aside.

How it is found
    Fewer than 2 sampled steps with an optimizer step and a backward pass (quantity
    `sampled_steps`, threshold 2: one step has no second to compare with). Or the weights hardly
    moved at all: with its measured updates added up over the run, not one weight matrix went as
    far as a thousandth of its size (quantity `largest_movement`, threshold 1e-3: a tenth of the
    1 % below which vanishing-gradient calls a layer stuck). Such a run shows nothing of how the
    model learns; a learning rate of 0 is the usual reason. A run that has converged moved before.

Example that has it
    A script that stops after its first step.

Example that has not
    Any of the examples.

Remedies
    Let it train for at least a few steps; use an optimizer of `torch.optim`.

Known limits
    None known.

References
    None.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import percent, plural
from chainrule.records import Evidence, Finding, Place, Remedy

NAME = "cannot-tell"
SUMMARY = "Too little was seen for a verdict."

SAMPLED_STEPS = 2
"""Sampled steps needed: one step has no second to compare with."""

LARGEST_MOVEMENT = 1e-3
"""Share of its size that some weight must be able to move in the run: a tenth of the 1 % below
which a layer counts as stuck at its initialisation."""


def check(case: Case) -> list[Finding]:
    """What was missing, if something was."""
    useful = [s for s in case.samples if s.parameters and s.backward_passes]
    run = case.run
    if len(useful) >= SAMPLED_STEPS:
        return _resting(case)
    if run.steps == 0 and run.backward_passes:
        missing = (
            f"{plural(run.backward_passes, 'backward pass', 'backward passes')} but no step of a "
            "torch.optim optimizer"
        )
        advice = "step with an optimizer of torch.optim, or train for longer"
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
