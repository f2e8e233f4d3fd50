"""Gradients zeroed.

What it is
    Backward passes bring a gradient to the weights, and it is thrown away before the optimizer
    reads it: the step is made with 0, and no weight moves.

Why it happens
    `zero_grad()` stands between `backward()` and `step()`. Or it is called in a hook, a callback
    or a helper that runs there.

How it is found
    On each sampled step the gradient that the backward passes brought to a parameter
    (`gradient_brought`, finite and above 0) is compared with the one that the optimizer used
    (quantity `gradient_used`, threshold 0: none, or exactly 0). The fault needs that on every
    sampled step on which a pass reached the parameter, on at least three of them
    (`sampled_steps`, threshold 3), and that the parameter stayed where it was but for weight decay
    or a step of momentum: that follows. If all parameters of an optimizer are affected that a pass
    reaches, it is an error. If some are, it is a warning where half of the loss is left
    (`loss_left`, threshold 0.5), and else a note: gradients are also taken away on purpose to hold
    a part fixed.

Example that has it
    A loop with `loss.backward(); optimizer.zero_grad(); optimizer.step()`.

Example that has not
    A GAN, whose generator's pass leaves gradients in the discriminator that are thrown away before
    the discriminator's own pass: its own gradient is used.

Remedies
    `zero_grad()` before `backward()`, or after `step()`.

Known limits
    Gradients taken by `torch.autograd.grad` are put in place by the script, and nothing is said.

References
    PyTorch documentation of torch.optim.Optimizer.zero_grad.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.unlearned import unlearned
from chainrule.diagnosis.wording import names, number, plural
from chainrule.records import NEVER_RAN, Evidence, Finding, Place, Remedy, Severity, StepSample

NAME = "gradients-zeroed"
SUMMARY = "Gradients that are thrown away between the backward pass and the step."

SAMPLES = 3
"""Sampled steps on which it must be seen: a scaler skips single steps with overflows."""


@dataclass(slots=True)
class _Seen:
    brought: list[float]
    steps: list[int]
    used: bool = False
    moved: float = 0.0


def check(case: Case) -> list[Finding]:
    """One finding for each optimizer whose gradients are thrown away."""
    findings = []
    for optimizer in case.optimizers:
        seen = _seen(case, optimizer.index)
        zeroed = {i: s for i, s in seen.items() if not s.used and len(set(s.steps)) >= SAMPLES}
        if zeroed:
            findings.append(_finding(case, zeroed, all_of_them=len(zeroed) == len(seen)))
    return findings


def _seen(case: Case, optimizer: int) -> dict[int, _Seen]:
    """What was brought to each parameter of an optimizer, and whether it was ever used."""
    seen: dict[int, _Seen] = {}
    for sample in case.samples:
        if sample.optimizer != optimizer:
            continue
        measured = {p.parameter: p for p in sample.parameters}
        for parameter, norm in _brought(case, sample):
            if parameter not in measured or not 0 < norm < math.inf:
                continue
            s = seen.setdefault(parameter, _Seen([], []))
            s.brought.append(norm)
            s.steps.append(sample.step)
            p = measured[parameter]
            s.used |= bool(p.gradient_norm)  # a NaN was used as well
            s.moved = max(s.moved, p.update_norm)
    return seen


def _brought(case: Case, sample: StepSample) -> Iterator[tuple[int, float]]:
    """Norms that the last pass of a step to reach each parameter brought it, unscaled."""
    last: dict[int, float] = {}
    for p in sample.backward_passes:
        graph = case.graphs.get(p.graph)
        if graph is None or not p.accumulates:
            continue
        for node, norm in zip(graph.nodes, p.node_norms, strict=True):
            if node.parameter is not None and norm != NEVER_RAN:
                last[node.parameter] = norm / p.scale if p.scale else math.nan
    yield from last.items()


def _finding(case: Case, zeroed: dict[int, _Seen], *, all_of_them: bool) -> Finding:
    tensors = [case.parameters[i].name for i in zeroed if i in case.parameters]
    brought = middle(v for s in zeroed.values() for v in s.brought)
    steps = sorted({step for s in zeroed.values() for step in s.steps})
    moved = max(s.moved for s in zeroed.values())
    left = unlearned(case)
    severity: Severity = "error" if all_of_them else "warning" if left.most else "note"
    what = "all parameters" if all_of_them else names(tensors)
    return Finding(
        fault=NAME,
        severity=severity,
        title=f"the gradient of {what} is thrown away before the step",
        where=Place(module=tensors[0].rpartition(".")[0] if tensors and not all_of_them else ""),
        steps=(steps[0], case.last_step),
        evidence={
            "gradient_used": Evidence(0.0, "", 0.0, "on every sampled step"),
            "gradient_brought": Evidence(brought, "", 0.0, "the passes bring one"),
            "sampled_steps": Evidence(float(len(steps)), "steps", float(SAMPLES)),
            "parameters": Evidence(float(len(zeroed)), "tensors"),
            "largest_update": Evidence(moved),
            **left.evidence,
        },
        explanation=(
            f"On each of {plural(len(steps), 'sampled step')} the backward pass brought a gradient "
            f"to {what} ({plural(len(zeroed), 'tensor')}, norm {number(brought)} in the median), "
            "and the optimizer found 0, or none:\n\n"
            f"    ∂L/∂w = {number(brought)} after backward(),   0 at step():   w ← w − η·0\n\n"
            "Between the two something set it to 0. "
            + (
                "The weights did not move at all."
                if moved == 0
                else f"Weights moved by at most {number(moved)} a step, by decay or momentum."
            )
            + f" The loss went from {number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "call zero_grad() before backward(), or after step(), and not between them",
                "step() reads what backward() has put into .grad",
                "PyTorch documentation of torch.optim.Optimizer.zero_grad",
            ),
        ),
    )
