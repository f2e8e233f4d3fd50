"""Gradients accumulate.

What it is
    `backward()` adds to `.grad`. Where nothing sets it to 0 between two steps, each step follows
    the sum of all gradients so far, most of them of weights that are long gone.

Why it happens
    `zero_grad()` is missing, is called once before the loop, or belongs to another optimizer or
    to a copy of the model.

How it is found
    Before the first backward pass of a step that was looked into, `.grad` is not 0 for more than
    half of the parameters of the optimizer that made it. The fault needs that on at least half of
    such steps, the first left out (quantity `steps_that_carry`, threshold 0.5), and on at least
    two. Only steps before the loss broke count.
    Beside it stands how much longer the gradient that the optimizer used is than what the passes
    of the step brought (`gradient_growth`): above 1 no sum of these can be (1.05 with rounding).
    Several passes before one step are no fault: what counts is what was there before the first.
    Of several optimizers, each is judged by itself, and the place is what it holds.

Example that has it
    A loop of `loss.backward(); optimizer.step()` and nothing else.

Example that has not
    Gradients of four small batches added up on purpose, then a step, then `zero_grad()`.

Remedies
    `optimizer.zero_grad()` before each backward pass.

Known limits
    Where no step was looked into before its first pass growth alone is asked for: 1 on the first
    sampled step, and above 2 on at least two later ones.

References
    PyTorch documentation of torch.optim.Optimizer.zero_grad.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.faults.no_gradient import common_module
from chainrule.diagnosis.unlearned import NOT_HALVED, unlearned
from chainrule.diagnosis.wording import number, plural
from chainrule.records import NEVER_RAN, Evidence, Finding, ForwardPass, Place, Remedy, StepSample

NAME = "gradients-accumulate"
SUMMARY = "Nothing sets gradients to 0: each step follows the sum of all so far."

ROUNDING = 1.05
"""Used gradient over the norms of the step's passes together: above 1 it holds something older;
norms in half precision are off by a few per cent at most."""

GROWN = 2.0
"""The same where `.grad` was not looked at before the passes: as much again as the step's own."""

PERSISTENT = 0.5
"""Share of the steps looked into that must carry: gradients that are added up on purpose never do,
and where they are set to 0 once an epoch, the first step of each epoch does not."""

LOOKS = 2
"""Steps looked into, without the first: one may follow a pass that was made for something else."""

SAMPLES = 2
"""Sampled steps so long that are needed where growth is all that is known: each is a proof that
something older is in the sum, unless the script scales gradients by hand."""

MOST = 0.5
"""Share of an optimizer's trained parameters that must carry a gradient from step to step."""


def check(case: Case) -> list[Finding]:
    """One finding for each optimizer whose gradients are never set to 0."""
    findings = []
    for optimizer in case.optimizers:
        growth = _growth(case, optimizer.index)
        looks = [
            forward
            for forward in case.forward_passes
            if forward.optimizer == optimizer.index
            and forward.passes_since_step > 0
            and (case.broke_at is None or forward.step < case.broke_at)
            and any(p.parameter in case.reached for p in forward.parameters)
        ][1:]  # the first may be the run's first step, before which there is nothing to carry
        carry = [forward for forward in looks if _carries(case, forward)]
        if looks:
            found = len(carry) >= max(LOOKS, PERSISTENT * len(looks))
        else:
            proofs = sum(g > GROWN for _, g in growth)
            found = proofs >= SAMPLES and growth[0][1] <= ROUNDING
        if found:
            findings.append(_finding(case, optimizer.index, growth, looks, carry))
    return findings


def _carries(case: Case, forward: ForwardPass) -> bool:
    """True if most parameters that passes reach had a gradient before the first of them."""
    reached = [s for s in forward.parameters if s.parameter in case.reached]
    return sum(s.carried > 0 for s in reached) > MOST * len(reached)


def _growth(case: Case, optimizer: int) -> list[tuple[int, float]]:
    """`(step, used gradient / norms of the step's passes together)`, the median of parameters."""
    found: list[tuple[int, float]] = []
    passed: StepSample | None = None
    for sample in case.samples:
        if sample.backward_passes:
            passed = sample
        if sample.optimizer != optimizer or passed is None:
            continue
        if sample.step - passed.step >= len(case.optimizers):  # optimizers in turn share passes
            continue
        brought = _brought(case, passed)
        ratios = [
            p.gradient_norm / brought[p.parameter]
            for p in sample.parameters
            if p.gradient_norm is not None and brought.get(p.parameter, 0) > 0
        ]
        if math.isfinite(ratio := middle(ratios)):
            found.append((sample.step, ratio))
    return found


def _brought(case: Case, sample: StepSample) -> dict[int, float]:
    """The norms that all passes of a step brought to each parameter, added up."""
    total: dict[int, float] = {}
    for p in sample.backward_passes:
        graph = case.graphs.get(p.graph)
        if graph is None or not p.accumulates or not p.scale:
            continue
        for node, norm in zip(graph.nodes, p.node_norms, strict=True):
            if node.parameter is not None and norm != NEVER_RAN:
                total[node.parameter] = total.get(node.parameter, 0.0) + norm / p.scale
    return total


def _place(case: Case, optimizer: int) -> Place:
    """What the optimizer holds, if there are others: then it says whose zero_grad is missing."""
    if len(case.optimizers) < 2:
        return Place()
    held = [p for p in case.parameters.values() if optimizer in p.optimizers and p.name]
    shared = common_module([p.name for p in held])
    return Place(module=shared or held[0].module) if held else Place()


def _finding(
    case: Case,
    optimizer: int,
    growth: list[tuple[int, float]],
    looks: list[ForwardPass],
    carry: list[ForwardPass],
) -> Finding:
    left = unlearned(case)
    where = _place(case, optimizer)
    largest = max((g for _, g in growth), default=math.nan)
    late = middle(g for _, g in growth[len(growth) // 2 :])
    carried = middle(s.carried for forward in carry for s in forward.parameters if s.carried > 0)
    looked = (
        {
            "steps_that_carry": Evidence(
                len(carry) / len(looks), "of those looked into", PERSISTENT, "persistently"
            ),
            "steps_looked_into": Evidence(float(len(looks)), "steps", float(LOOKS)),
            "carried": Evidence(carried, "RMS before the first pass", 0.0, "zero_grad leaves 0"),
        }
        if looks
        else {}
    )
    return Finding(
        fault=NAME,
        severity="error" if not left.share < NOT_HALVED else "warning",
        title=(
            f"gradients{f' of {where.module}' if where.module else ''} are never set to 0"
            + (f": a step uses {number(largest)} times its own" if largest > ROUNDING else "")
        ),
        where=where,
        steps=(0, case.last_step),
        evidence={
            **looked,
            "gradient_growth": Evidence(
                largest, "used / brought", ROUNDING if looks else GROWN, "no sum is longer"
            ),
            "gradient_growth_late": Evidence(late, "used / brought"),
            **left.evidence,
        },
        explanation=(
            (
                f"Before the first backward pass of {plural(len(carry), 'step')} that were looked "
                f"into, .grad still held a gradient (RMS {number(carried)}). "
                if looks
                else ""
            )
            + f"backward() adds to .grad, so a step {_cleared(case)} follows"
            "\n\n    g₀ + g₁ + … + gₜ   in place of   gₜ = ∂L/∂w at the present weights\n\n"
            f"On the sampled steps the {'update' if case.by_hand else 'optimizer'} used up to "
            f"{number(largest)} times the gradient that the step's own passes brought "
            f"({number(late)} times in the later half of the run). Old gradients were right for "
            "weights that are gone: they act as a momentum that never fades, as a learning rate "
            f"that grows. The loss went from {number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "after each update: w.grad = None, for every weight"
                if case.by_hand
                else "call optimizer.zero_grad() before each backward pass",
                "each step then follows its own gradient",
                "PyTorch documentation of torch.Tensor.backward: it accumulates in the leaves"
                if case.by_hand
                else "PyTorch documentation of torch.optim.Optimizer.zero_grad",
            ),
            Remedy(
                "where batches are added up on purpose, do it after each step",
                "what was used is then gone before the next batch",
            ),
        ),
    )


def _cleared(case: Case) -> str:
    """What was left out, in the script's own terms."""
    if case.by_hand:
        return "before which nothing sets .grad back"
    return "that nothing precedes with zero_grad()"
