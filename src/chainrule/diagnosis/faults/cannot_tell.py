"""Cannot tell.

What it is
    Too little was seen for a verdict, and nothing wrong was found in what was seen.

Why it happens
    The script stopped after a step or two, has no optimizer of `torch.optim`, or ran its
    backward passes where chainrule stands aside.

How it is found
    Fewer than 2 sampled steps with an optimizer step and a backward pass (quantity
    `sampled_steps`, threshold 2: one step has no second to compare with).

Example that has it
    A script that stops after its first step.

Example that has not
    Any of the examples.

Remedies
    Let it train for at least a few steps; use an optimizer of `torch.optim`.

Known limits
    None known.

References:
    None.
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import plural
from chainrule.records import Evidence, Finding, Place, Remedy

NAME = "cannot-tell"
SUMMARY = "Too little was seen for a verdict."

SAMPLED_STEPS = 2
"""Sampled steps needed: one step has no second to compare with."""


def check(case: Case) -> list[Finding]:
    """What was missing, if something was."""
    useful = [s for s in case.samples if s.parameters and s.backward_passes]
    if len(useful) >= SAMPLED_STEPS:
        return []
    run = case.run
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
    notes = [e.text for e in case.events if e.kind in ("note", "internal-error")]
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
            explanation=" ".join([f"The run showed {missing}: too little for a verdict.", *notes]),
            remedies=(Remedy(advice, "a verdict needs at least two measured steps"),),
        )
    ]
