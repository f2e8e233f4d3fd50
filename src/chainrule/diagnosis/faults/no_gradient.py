"""No gradient.

What it is
    Parameters that an optimizer holds but that no backward pass ever reaches: there is no path
    from the loss to them, so ∂L/∂w does not exist and they never move.

Why it happens
    A `.detach()`, `.data`, `torch.no_grad()` or a trip through NumPy cuts the path; a layer is
    made and never called; an argmax or a rounding has no derivative.

How it is found
    On every sampled step the graph is walked from the loss to its leaves. A parameter that was a
    leaf of none of them, in at least two sampled steps, and is not frozen
    (`requires_grad=False`), has no path from the loss (quantity `passes_that_reached_it`,
    threshold 0: existence of a path needs no tolerance).

Example that has it
    `examples/detached_encoder_digits.py`.

Example that has not
    Frozen parameters, and parameters that no optimizer holds, are not reported here.

Remedies
    Take out the cut, or take the parameters out of the optimizer if they are meant to rest.

Known limits
    A branch that is used on few batches may be missed on the sampled steps; `--every all` decides.

References
    PyTorch documentation, "Autograd mechanics".
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import count, names, percent, plural
from chainrule.records import Evidence, Finding, Parameter, Place, Remedy

NAME = "no-gradient"
SUMMARY = "Parameters that training never reaches: no path from the loss."

SAMPLES = 2
"""Sampled steps needed: one pass may be a special first one."""


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    stepped = {s.optimizer for s in case.samples}
    passes = len(case.chains)
    if len({s.step for s in case.samples}) < SAMPLES or not passes:
        return []
    all_reached = {p for _, chain in case.chains for p in chain.leaves}
    unreached = [
        p
        for i, p in case.parameters.items()
        if p.requires_grad
        and set(p.optimizers) & stepped
        and i not in all_reached
        and not _has_gradient(case, i)
    ]
    return [_finding(case, unreached, passes)] if unreached else []


def _has_gradient(case: Case, parameter: int) -> bool:
    """True if `.grad` was ever non-zero: somebody set it by hand."""
    return any(value > 0 for _, value in case.gradient_rms(parameter))


def _finding(case: Case, unreached: list[Parameter], passes: int) -> Finding:
    groups = list(dict.fromkeys(group(p.name) for p in unreached))
    held = [p for p in case.parameters.values() if p.optimizers]
    share = sum(p.numel for p in unreached) / max(1, sum(p.numel for p in held))
    where = common_module([p.name for p in unreached])
    alone = len(unreached) == len(held)
    return Finding(
        fault=NAME,
        severity="error",
        title=f"no gradient ever reaches {names(groups)}",
        where=Place(module=where or groups[0]),
        steps=(case.samples[0].step, case.last_step),
        evidence={
            "passes_that_reached_it": Evidence(0.0, "backward passes", 0.0),
            "passes_seen": Evidence(float(passes), "backward passes"),
            "unreached_parameters": Evidence(float(len(unreached)), "tensors"),
            "unreached_share": Evidence(share, "share of optimized weights"),
        },
        explanation=(
            f"{plural(len(unreached), 'parameter')} of the optimizer "
            f"({names([p.name for p in unreached])}) had no gradient on any of the "
            f"{count(passes)} backward passes that were measured: walking back from the loss, "
            f"there is no path to them. The chain rule multiplies along paths and adds over "
            f"them; with no path there is nothing to add:\n\n"
            f"    ∂L/∂w = (sum over no paths) = none,   θ ← θ − η · none\n\n"
            f"so {percent(share)} of the weights that the optimizer was given keep their first "
            f"values. Somewhere between these modules and the loss the path is cut, or their "
            f"output is not used."
            + (
                " No parameter at all is reached: is the loss computed from the model?"
                if alone
                else ""
            )
        ),
        remedies=(
            Remedy(
                f"look for .detach(), .data, .item(), torch.no_grad() or a NumPy round trip after "
                f"{where or groups[0]}, and take it out",
                "each of these ends the graph there",
                "PyTorch, Autograd mechanics",
            ),
            Remedy(
                "check that forward() uses the output of these modules",
                "a module that is made but not called has no path from the loss",
            ),
            Remedy(
                "if they are meant to rest, set requires_grad_(False) and leave them out of the "
                "optimizer",
                "then it is plain to the reader that they do not train",
            ),
        ),
    )


def group(name: str) -> str:
    """The module of a parameter: its path without the last part; the name of a bare tensor."""
    return name.rpartition(".")[0] or name


def common_module(parameter_names: list[str]) -> str:
    """Longest module path that all the parameters share; empty if they share none."""
    split = [name.split(".")[:-1] for name in parameter_names]
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)
