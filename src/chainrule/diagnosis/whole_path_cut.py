"""A backward pass that PyTorch refused: the loss depends on no weight at all."""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.death import Death, death_of
from chainrule.diagnosis.wording import count, names, plural
from chainrule.records import Cut, Evidence, Finding, Place, Remedy

FAULT = "no-gradient"

_WITHOUT_HISTORY = "does not have a grad_fn"
"""What PyTorch says of a loss that it cannot go back from; of an input of `autograd.grad` that is
not used it says something else."""


def whole_path_cut(case: Case) -> list[Finding]:
    """The finding, if the training died of it, at its first step or later."""
    died = death_of(case)
    if died is None or died.family != "grad" or _WITHOUT_HISTORY not in died.message:
        return []
    cut = _cut(case, died)
    place = Place("", cut.function, cut.place.source) if cut is not None else died.place
    held = [p for p in case.parameters.values() if p.requires_grad]
    begins = f"from step {count(died.step)} on " if died.step else ""
    ever = "" if died.step else "ever "
    return [
        Finding(
            fault=FAULT,
            severity="error",
            title=f"{begins}no gradient {ever}reaches any parameter: the loss depends on none",
            where=place,
            steps=(died.step, max(died.step, case.last_step)),
            evidence={
                "steps_with_a_gradient": Evidence(
                    float(died.step), "steps", None if died.step else 0.0, rows="event died"
                ),
                "backward_passes_begun": Evidence(float(case.run.backward_passes), "passes"),
                "unreached_in_models": Evidence(
                    float(sum(p.in_module for p in held)), "tensors of a module that was found"
                ),
                **_frozen(died),
            },
            explanation=(
                f"At {died.place.source} the gradient was asked for, and PyTorch found that the "
                "loss is a number without a history: no operation on a weight leads to it. The "
                "chain rule multiplies along paths and adds over them; here there is none:\n\n"
                "    ∂L/∂w = (sum over no paths) = none, for every w\n\n"
                f"{_why(died, cut)} {_before(died)}"
            ),
            remedies=_remedies(died),
        )
    ]


def _cut(case: Case, died: Death) -> Cut | None:
    """The last cut of the pass that was refused; those of earlier steps let a gradient through."""
    passes = [forward for forward in case.forward_passes if forward.step >= died.step]
    return next((c for f in reversed(passes) for c in reversed(f.cuts) if c.used), None)


def _all_frozen(died: Death) -> bool:
    """True if no weight of any module at hand could have had a gradient."""
    return bool(died.modules) and all(m.frozen == m.parameters for m in died.modules)


def _frozen(died: Death) -> dict[str, Evidence]:
    if not died.modules:
        return {}
    return {
        "frozen_at_hand": Evidence(
            float(sum(m.frozen for m in died.modules)),
            f"of {plural(sum(m.parameters for m in died.modules), 'parameter')} at hand",
            rows="event died",
        )
    }


def _why(died: Death, cut: Cut | None) -> str:
    if cut is not None:
        return f"The path ends in {cut.function} at {cut.place.source}."
    if _all_frozen(died):
        held = " and ".join(
            f"{'the one parameter' if m.parameters == 1 else f'all {m.parameters} parameters'} "
            f"of {m.name}"
            for m in died.modules
        )
        return (
            f"The model is frozen as a whole: {held} had requires_grad=False then. A weight that "
            "is frozen is a constant of the loss."
        )
    if not died.gradients_on:
        return (
            "Gradients were switched off and never on again: torch.is_grad_enabled() was False at "
            "the end."
        )
    some = [f"{m.frozen} of the {m.parameters} parameters of {m.name}" for m in died.modules]
    return "Somewhere between the model and the loss the path is cut, or the model is frozen" + (
        f": of what was at hand, {names(some)} had requires_grad=False." if some else "."
    )


def _before(died: Death) -> str:
    if not died.step:
        return "No step was made."
    return f"Before that, {plural(died.step, 'step')} had been made with gradients."


def _remedies(died: Death) -> tuple[Remedy, ...]:
    path = Remedy(
        "compute the loss from the model's output itself: take out .detach(), .item(), "
        ".numpy(), torch.tensor(…), argmax and torch.no_grad() between the two",
        "each of these gives numbers that no longer know where they came from",
        "PyTorch, Autograd mechanics",
    )
    frozen = Remedy(
        "check that parameters have requires_grad=True",
        "a model that is frozen as a whole has no gradient either",
    )
    if _all_frozen(died):
        return (
            Remedy(
                "freeze only the part that is to rest, as in features.requires_grad_(False), or "
                "replace the last layer after freezing",
                "what is to be trained needs requires_grad=True, and a new layer has it",
                "PyTorch, Autograd mechanics",
            ),
            path,
        )
    if not died.gradients_on:
        return (
            Remedy(
                "write `with torch.no_grad():` around the evaluation, in place of "
                "torch.set_grad_enabled(False)",
                "a block ends by itself, and gradients are on again after it",
                "PyTorch, Autograd mechanics",
            ),
            path,
        )
    return path, frozen
