"""A first backward pass that PyTorch refused: the loss depends on no weight at all."""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.death import death_of
from chainrule.records import Evidence, Finding, Place, Remedy

FAULT = "no-gradient"


def whole_path_cut(case: Case) -> list[Finding]:
    """The finding, if the training died of it before its first step."""
    died = death_of(case)
    if died is None or died.family != "grad" or died.step:
        return []
    cuts = [c for forward in case.forward_passes for c in forward.cuts if c.used]
    cut = cuts[-1] if cuts else None
    place = Place("", cut.function, cut.place.source) if cut is not None else died.place
    ends = (
        f"The path ends in {cut.function} at {cut.place.source}."
        if cut is not None
        else "Somewhere between the model and the loss the path is cut, or the model is frozen."
    )
    held = [p for p in case.parameters.values() if p.requires_grad]
    return [
        Finding(
            fault=FAULT,
            severity="error",
            title="no gradient ever reaches any parameter: the loss depends on none",
            where=place,
            steps=(0, case.last_step),
            evidence={
                "steps_with_a_gradient": Evidence(0.0, "steps", 0.0, rows="event died"),
                "backward_passes_begun": Evidence(float(case.run.backward_passes), "passes"),
                "unreached_in_models": Evidence(
                    float(sum(p.in_module for p in held)), "tensors of a module that was found"
                ),
            },
            explanation=(
                f"At {died.place.source} the gradient was asked for, and PyTorch found that the "
                "loss is a number without a history: no operation on a weight leads to it. The "
                "chain rule multiplies along paths and adds over them; here there is none:\n\n"
                "    ∂L/∂w = (sum over no paths) = none, for every w\n\n"
                f"{ends} No step was made."
            ),
            remedies=(
                Remedy(
                    "compute the loss from the model's output itself: take out .detach(), .item(), "
                    ".numpy(), torch.tensor(…), argmax and torch.no_grad() between the two",
                    "each of these gives numbers that no longer know where they came from",
                    "PyTorch, Autograd mechanics",
                ),
                Remedy(
                    "check that parameters have requires_grad=True",
                    "a model that is frozen as a whole has no gradient either",
                ),
            ),
        )
    ]
