"""Frozen parameters.

What it is
    Parameters with `requires_grad=False` in a model that is trained: no gradient is computed for
    them, and they stay as they are.

Why it happens
    On purpose, to fine-tune the last layers of a trained model or to keep a teacher fixed. Or a
    loop that froze too much, or a layer that was never thawed.

How it is found
    A note, whatever the loss: parameters of a module that are frozen while others of the same
    outermost module are trained (quantity `frozen`, threshold 0). Whether they come first, as in
    fine-tuning, or lie between trained ones is said.

Example that has it
    A classifier whose encoder was frozen with `requires_grad_(False)`.

Example that has not
    A teacher that is frozen as a whole beside the student that is trained.

Remedies
    None if it is meant; else `requires_grad_(True)` before the optimizer is made.

Known limits
    A frozen tensor that no module holds is not seen.

References
    PyTorch, Autograd mechanics, "Locally disabling gradient computation".
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import count, names, percent, plural
from chainrule.records import Evidence, Finding, Parameter, Place, Remedy

NAME = "frozen-parameters"
SUMMARY = "Parameters of a trained model that are frozen: said, in case it was not meant."


def check(case: Case) -> list[Finding]:
    """One note for each model that is frozen in part."""
    models: dict[str, list[Parameter]] = {}
    for p in case.parameters.values():
        if p.in_module:
            models.setdefault(p.root, []).append(p)
    return [
        _finding(case, held)
        for held in models.values()
        if any(not p.requires_grad for p in held)
        and any(p.requires_grad and p.optimizers for p in held)
    ]


def _finding(case: Case, held: list[Parameter]) -> Finding:
    frozen = [p for p in held if not p.requires_grad]
    share = sum(p.numel for p in frozen) / max(1, sum(p.numel for p in held))
    first = all(not p.requires_grad for p in held[: len(frozen)])
    layers = [p.module for p in frozen]
    return Finding(
        fault=NAME,
        severity="note",
        title=f"{plural(len(frozen), 'parameter')} of the model are frozen: {names(layers)}",
        where=Place(module=layers[0]),
        steps=(0, case.last_step),
        evidence={
            "frozen": Evidence(float(len(frozen)), "tensors", 0.0, "said whenever there are any"),
            "frozen_share": Evidence(share, "of the model's numbers"),
            "trained": Evidence(float(len(held) - len(frozen)), "tensors"),
        },
        explanation=(
            f"{count(len(frozen))} of the {count(len(held))} tensors of the model, "
            f"{percent(share)} of its numbers, have requires_grad=False. No ∂L/∂w is computed for "
            "them and no step moves them; the chain rule still goes through them to what lies "
            "before.\n\n"
            + (
                "They are the first of the model, one after the other, and all after them are "
                "trained: that is what fine-tuning looks like."
                if first
                else "They lie between or after parameters that are trained, which is rarer: look "
                "whether each of them is meant."
            )
        ),
        remedies=(
            Remedy(
                "if it is not meant, call requires_grad_(True) on them before the optimizer is "
                "made",
                "an optimizer that was given them only while they were frozen may have left them "
                "out",
            ),
        ),
    )
