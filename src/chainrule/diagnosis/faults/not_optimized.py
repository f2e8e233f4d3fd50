"""Not optimized.

What it is
    Parameters that get a gradient on every backward pass but belong to no optimizer: ∂L/∂w is
    there, and nobody takes the step.

Why it happens
    The optimizer was made from a part of the model, before a layer was added or replaced, or
    from another copy of it; layers in a plain Python list are not in `model.parameters()`.

How it is found
    Leaves of the sampled graphs that are parameters (of a module, or bare tensors where a script
    optimizes such; an input is none), receive a gradient greater than zero on at least two
    sampled steps, and that no optimizer that stepped in the run held at
    any sampled step (quantity `optimizers`, threshold 0: membership needs no tolerance). Those
    whose norm changes from one sampled step to another are moved by hand, as the average of a
    teacher is, and are left out. A tenth of the weights or more is an error (`forgotten_share`,
    threshold 0.1), less a warning. It is a warning, too, if a whole model is held by no optimizer
    and stands between the loss and what is optimized: it may be there to measure the loss, or
    have been forgotten. And a note if a whole model is in evaluation mode (`.eval()`) or if no
    weight of any model is optimized, but an input: then it is meant to rest.

Example that has it
    `examples/forgotten_parameters_text.py`.

Example that has not
    A frozen backbone (`requires_grad=False`) gets no gradient and is not reported. A network in
    evaluation mode that measures a perceptual loss gets a note.

Remedies
    Make the optimizer after the model is complete, from all its parameters; nn.ModuleList for
    lists of layers; `requires_grad_(False)` for what is meant to rest.

Known limits
    A network that measures the loss, in training mode and not frozen, looks like a forgotten one.

References
    PyTorch documentation, `torch.optim`, "Constructing it".
"""

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.reach import carries
from chainrule.diagnosis.wording import names, number, percent, plural
from chainrule.records import Evidence, Finding, Parameter, Place, Remedy, Severity

from .no_gradient import common_module

NAME = "not-optimized"
SUMMARY = "Parameters with a gradient that no optimizer holds."

SAMPLES = 2
"""Sampled steps on which the gradient must have arrived."""

ERROR_SHARE = 0.1
"""Share of the trainable weights from which it is an error: a tenth of the model does not learn."""


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run, one of each severity at most."""
    if not case.optimizers:
        return []
    forgotten = [
        case.parameters[i]
        for i, arrivals in sorted(case.reached.items())
        if i in case.parameters
        and not case.parameters[i].optimizers
        and not case.parameters[i].moved_by_hand
        and len({step for step, norm in arrivals if norm > 0}) >= SAMPLES
    ]
    usual: Severity = "error" if _share(case, forgotten) >= ERROR_SHARE else "warning"
    by_severity: dict[Severity, list[Parameter]] = {}
    for root in dict.fromkeys(p.root for p in forgotten):
        of_root = [p for p in forgotten if p.root == root]
        by_severity.setdefault(_milder(case, of_root) or usual, []).extend(of_root)
    return [_finding(case, severity, some) for severity, some in by_severity.items()]


def _milder(case: Case, forgotten: list[Parameter]) -> Severity | None:
    """How bad it is that those of one root module are held by none, if they may be meant to rest.

    None for a part of a model whose other parts are optimized, or one that is no use to them.
    """
    held = {i: p for i, p in case.parameters.items() if p.optimizers}
    root = forgotten[0].root
    if any(p.root == root for p in held.values()):
        return None
    if all(p.evaluating for p in forgotten):
        return "note"
    numbers = {p.index for p in forgotten}
    if any(p.root and root.startswith(f"{p.root}.") for p in held.values()) or not any(
        carries(graph, numbers, held.keys()) for graph in case.graphs.values()
    ):
        return None
    return "warning" if any(p.in_module for p in held.values()) else "note"


def _share(case: Case, forgotten: list[Parameter]) -> float:
    """Of the weights that a gradient reaches, the part that is forgotten."""
    reached = [case.parameters[i] for i in case.reached if i in case.parameters]
    return sum(p.numel for p in forgotten) / max(1, sum(p.numel for p in reached))


def _finding(case: Case, severity: Severity, forgotten: list[Parameter]) -> Finding:
    groups = [p.module for p in forgotten]
    share = _share(case, forgotten)
    largest = max(forgotten, key=lambda p: p.numel)
    norm = middle(value for _, value in case.reached[largest.index])
    kinds = names([o.kind for o in case.optimizers])
    return Finding(
        fault=NAME,
        severity=severity,
        title=(
            f"the updates by hand leave {names(groups)} out"
            if case.by_hand
            else f"no optimizer holds {names(groups)}"
        ),
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
            f"gradient on the sampled steps, for {largest.name} of norm {number(norm)}, but "
            + (
                "the lines that change the weights by hand leave them as they are. Backward only "
                "measures, those lines move"
                if case.by_hand
                else f"the run's optimizers ({kinds}) do not hold them. Backward only measures, "
                "the optimizer moves"
            )
            + f":\n\n    ‖∂L/∂w‖ = {number(norm)}      ‖w‖ the same on every sampled step\n\n"
            f"so {percent(share)} of the weights that have a gradient rest, over "
            f"{plural(case.run.steps, 'step')}."
            + (
                " They seem meant to: requires_grad_(False) would say so and save the time of "
                "computing their gradients."
                if severity == "note"
                else ""
            )
        ),
        remedies=_remedies(severity, by_hand=case.by_hand),
    )


def _remedies(severity: Severity, *, by_hand: bool) -> tuple[Remedy, ...]:
    rest = Remedy(
        "if they are meant to rest: requires_grad_(False)",
        "it also saves the time of computing their gradients",
    )
    if severity == "note":
        return (rest,)
    if by_hand:
        every = Remedy(
            "in the loop that updates: every weight, w -= lr * w.grad",
            "what the loop does not name keeps the values it was given at first",
        )
        return every, rest
    return (
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
        rest,
    )
