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

    Or a layer is made in `forward`: at one place in the script, on three sampled steps or more and
    on half of them at least, a weight of a module that no optimizer holds got a gradient and was
    another tensor each time (`new_weights`, threshold 3), in a pass that reaches weights that are
    held. A copy of the model that is trained for a task and thrown away has a pass of its own.

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

import math

from chainrule.diagnosis.case import Case, layer_node, middle
from chainrule.diagnosis.reach import carries
from chainrule.diagnosis.wording import count, names, number, percent, plural
from chainrule.records import Evidence, Finding, Parameter, Place, Remedy, Severity

from .no_gradient import common_module

NAME = "not-optimized"
SUMMARY = "Parameters with a gradient that no optimizer holds."

SAMPLES = 2
"""Sampled steps on which the gradient must have arrived."""

ANEW = 3
"""Steps whose weights are other tensors, in one place and of one shape: one is a change of the
model, two are a change and its undoing."""

AS_OFTEN = 0.5
"""Share of the sampled steps on which that is so: rather the rule than the exception."""

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
    return [_finding(case, severity, some) for severity, some in by_severity.items()] or _made_anew(
        case
    )


def _made_anew(case: Case) -> list[Finding]:
    """Layers that are other ones in each step, as those that `forward` makes, beside held ones."""
    held = {i for i, p in case.parameters.items() if p.optimizers}
    fresh: dict[tuple[str, tuple[int, ...], str], dict[int, int]] = {}
    for step, chain in case.chains:
        reached = chain.leaves.keys() & case.reached.keys()
        if not reached & held:
            continue  # a copy that is trained by itself
        for i in reached - held:
            parameter = case.parameters.get(i)
            node = layer_node(chain, i)
            once = len({at for at, norm in case.reached[i] if norm > 0}) == 1
            if parameter is None or node is None or not once or not parameter.in_module:
                continue
            if parameter.moved_by_hand:
                continue
            place = chain.graph.nodes[node].place
            kind = (place.source, parameter.shape, place.operation)
            fresh.setdefault(kind, {}).setdefault(step, i)
    steps = {step for step, chain in case.chains if chain.leaves.keys() & held}
    found = {k: by for k, by in fresh.items() if len(by) >= max(ANEW, AS_OFTEN * len(steps))}
    if not found:
        return []
    (source, shape, _), by = max(found.items(), key=lambda item: math.prod(item[0][1]))
    norm = middle(value for i in by.values() for _, value in case.reached[i])
    size = " × ".join(str(n) for n in shape)
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"a layer is made anew at every step ({source}): no optimizer can hold it",
            where=Place(source=source),
            steps=(min(by), max(by)),
            evidence={
                "optimizers": Evidence(0.0, "optimizers", 0.0),
                "new_weights": Evidence(
                    float(len(by)), "tensors of one shape", float(ANEW), "one is an accident"
                ),
                "sampled_steps": Evidence(float(len(steps)), "steps"),
                "gradient_norm": Evidence(norm),
            },
            explanation=(
                f"On {count(len(by))} of {plural(len(steps), 'sampled step')} a weight of {size} "
                f"numbers at {source} got a gradient (norm {number(norm)}), each time another "
                "tensor that was never seen again. No optimizer holds one of them, and none could: "
                "it was given its parameters before they were made. So what the step learned of "
                "them is thrown away with them, and what comes after them sees its input through "
                "other random numbers each time."
            ),
            remedies=(
                Remedy(
                    "make the layer once, in __init__ (self.hidden = nn.Linear(…)), and only call "
                    "it in forward",
                    "a module that is made in forward has new random weights at each call, and "
                    "model.parameters() does not list them",
                    "PyTorch, torch.nn.Module",
                ),
            ),
        )
    ]


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
