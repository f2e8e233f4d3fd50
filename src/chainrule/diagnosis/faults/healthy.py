"""Healthy.

What it is
    Nothing wrong was found: the gradient reaches every layer in a usable size, the weights move,
    and every number is finite.

Why it happens
    The factors of the chain are near 1 on the whole, and the learning rate suits them.

How it is found
    Enough was seen (at least 2 sampled steps with an optimizer step and a backward pass) and no
    other check reported an error or a warning. The evidence is what those checks looked at.

Example that has it
    Every `examples/healthy_*.py`.

Example that has not
    All other examples.

Remedies
    None.

Known limits
    "Healthy" speaks of the calculus of the training: a model may still be the wrong one for the
    data, overfit, or learn more slowly than it could.

References
    The other faults' pages.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.drawing import drawn, links
from chainrule.diagnosis.wording import count, number, percent
from chainrule.records import ChainLink, Evidence, Finding, Place

NAME = "healthy"
SUMMARY = "A clean bill: the gradient reaches every layer and the weights move."


def check(case: Case) -> list[Finding]:
    """A clean bill, with the numbers it rests on. Called only if nothing else was found."""
    evidence = {
        "steps": Evidence(float(case.run.steps), "steps"),
        "sampled_steps": Evidence(float(case.run.sampled_steps), "steps"),
    }
    sentences = [
        f"{count(case.run.sampled_steps)} of {count(case.run.steps)} steps were measured in full."
    ]
    loss = case.main_loss()
    if loss is not None and len(loss.values) >= 2:
        part = max(1, len(loss.values) // 10)
        before, after = middle(loss.values[:part]), middle(loss.values[-part:])
        evidence |= {"loss_first": Evidence(before), "loss_last": Evidence(after)}
        sentences.append(f"The loss went from {number(before)} to {number(after)}.")
    ratios = {w: middle(v for _, v in case.update_ratios(w)) for w in case.weights}
    ratios = {w: r for w, r in ratios.items() if math.isfinite(r)}
    if ratios:
        slow, fast = min(ratios, key=lambda w: ratios[w]), max(ratios, key=lambda w: ratios[w])
        evidence |= {
            "smallest_update_ratio": Evidence(ratios[slow], "per step"),
            "largest_update_ratio": Evidence(ratios[fast], "per step"),
        }
        sentences.append(
            f"The median step moves the weights by between {percent(ratios[slow])} "
            f"({case.parameters[slow].name}) and {percent(ratios[fast])} "
            f"({case.parameters[fast].name}) of their size."
            if slow != fast
            else f"The median step moves {case.parameters[fast].name} by "
            f"{percent(ratios[fast])} of its size."
        )
    chain: tuple[ChainLink, ...] = ()
    if case.deepest is not None:
        far, near = case.deepest
        chain = drawn(links([c for _, c in case.chains if c.norm(far)][-50:], far))
        ratio = middle(v for _, v in case.gradient_rms(far)) / (
            middle(v for _, v in case.gradient_rms(near)) or math.nan
        )
        if math.isfinite(ratio):
            evidence["gradient_ratio"] = Evidence(ratio)
            sentences.append(
                f"The gradient of the farthest weights ({case.parameters[far].name}) is "
                f"{number(ratio)} times that of the nearest ({case.parameters[near].name})."
            )
    return [
        Finding(
            fault=NAME,
            severity="note",
            title="the gradient reaches every layer and the weights move",
            where=Place(),
            steps=(0, case.last_step),
            evidence=evidence,
            explanation=" ".join(sentences),
            chain=chain,
        )
    ]
