"""Not optimized.

What it is
    Parameters that get a gradient on every backward pass but belong to no optimizer: ∂L/∂w is
    there, and nobody takes the step.

Why it happens
    The optimizer was made from a part of the model, before a layer was added or replaced, or
    from another copy of it; layers in a plain Python list are not in `model.parameters()`.

How it is found
    Leaves of the sampled graphs that are parameters of a module, receive a gradient greater
    than zero on at least two sampled steps, and that no optimizer that stepped in the run held at
    any sampled step (quantity `optimizers`, threshold 0: membership needs no tolerance).

Example that has it
    `examples/forgotten_parameters_text.py`.

Example that has not
    A frozen backbone (`requires_grad=False`) gets no gradient and is not reported.

Remedies
    Make the optimizer after the model is complete, from all its parameters; nn.ModuleList for
    lists of layers; `requires_grad_(False)` for what is meant to rest.

Known limits
    A training loop that updates some weights by hand, beside an optimizer, is reported too.

References
    PyTorch documentation, `torch.optim`, "Constructing it".
"""

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.wording import count, names, number, percent, plural
from chainrule.records import Evidence, Finding, Parameter, Place, Remedy

from .no_gradient import common_module, group

NAME = "not-optimized"
SUMMARY = "Parameters with a gradient that no optimizer holds."

SAMPLES = 2
"""Sampled steps on which the gradient must have arrived."""

ERROR_SHARE = 0.1
"""Share of the trainable weights from which it is an error: a tenth of the model does not learn."""


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    if not case.optimizers:
        return []
    forgotten = [
        case.parameters[i]
        for i, arrivals in case.reached.items()
        if i in case.parameters
        and case.parameters[i].in_module
        and not case.parameters[i].optimizers
        and len({step for step, norm in arrivals if norm > 0}) >= SAMPLES
    ]
    return [_finding(case, sorted(forgotten, key=lambda p: p.index))] if forgotten else []


def _finding(case: Case, forgotten: list[Parameter]) -> Finding:
    groups = list(dict.fromkeys(group(p.name) for p in forgotten))
    reached = [case.parameters[i] for i in case.reached if i in case.parameters]
    share = sum(p.numel for p in forgotten) / max(1, sum(p.numel for p in reached))
    largest = max(forgotten, key=lambda p: p.numel)
    norm = middle(value for _, value in case.reached[largest.index])
    kinds = names([o.kind for o in case.optimizers])
    return Finding(
        fault=NAME,
        severity="error" if share >= ERROR_SHARE else "warning",
        title=f"no optimizer holds {names(groups)}",
        where=Place(module=common_module([p.name for p in forgotten]) or groups[0]),
        steps=(case.samples[0].step, case.last_step),
        evidence={
            "optimizers": Evidence(0.0, "optimizers", 0.0),
            "gradient_norm": Evidence(norm),
            "forgotten_parameters": Evidence(float(len(forgotten)), "tensors"),
            "forgotten_share": Evidence(share, "share of weights with a gradient", ERROR_SHARE),
        },
        explanation=(
            f"{plural(len(forgotten), 'parameter')} ({names([p.name for p in forgotten])}) got a "
            f"gradient on the sampled steps, for {largest.name} of norm {number(norm)}, but the "
            f"run's optimizers ({kinds}) do not hold them. Backward only measures, the optimizer "
            f"moves:\n\n    measured: ‖∂L/∂w‖ = {number(norm)}      moved: Δw = 0\n\n"
            f"so {percent(share)} of the weights that have a gradient stay as they were "
            f"initialised, over {count(case.run.steps)} steps."
        ),
        remedies=(
            Remedy(
                "make the optimizer from all parameters, after the model is complete: "
                "torch.optim.…(model.parameters(), …)",
                "an optimizer moves only the tensors it was given",
                "PyTorch, torch.optim",
            ),
            Remedy(
                "for layers added later: optimizer.add_param_group({'params': layer.parameters()})",
                "replacing a layer makes new tensors that the optimizer does not know",
            ),
            Remedy(
                "if they are meant to rest: requires_grad_(False)",
                "it also saves the time of computing their gradients",
            ),
        ),
    )
