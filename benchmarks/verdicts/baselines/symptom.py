"""What a baseline says, and the numbers that all of them look at."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from chainrule.diagnosis.case import Case
from chainrule.records import ParameterSample

EPOCHS = 20
"""Checks in a run. The tools check at the end of an epoch; a run file knows no epochs, and runs of
tutorials have about as many."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a baseline says of a run.

    Attributes:
        symptoms: The rules that fired, by the names that their authors use.
        faults: The faults of our vocabulary that they stand for.
    """

    symptoms: tuple[str, ...]
    faults: tuple[str, ...]


def verdict(symptoms: Iterable[str], meaning: dict[str, tuple[str, ...]]) -> Verdict:
    """The verdict of the rules that fired.

    Args:
        symptoms: Names of rules.
        meaning: Our faults for each rule.
    """
    fired = tuple(dict.fromkeys(symptoms))
    faults = dict.fromkeys(fault for symptom in fired for fault in meaning[symptom])
    return Verdict(fired, tuple(faults))


def kernels(case: Case) -> list[int]:
    """The weight matrices that an optimizer holds, in the order of the model's layers."""
    return [
        i
        for i, p in sorted(case.parameters.items())
        if len(p.shape) >= 2 and p.requires_grad and p.optimizers
    ]


def checked(case: Case) -> list[dict[int, ParameterSample]]:
    """The parameters at each check: a sampled step near each end of an epoch."""
    samples = case.samples
    if not samples:
        return []
    last = max(case.last_step, 1)
    ends = [last * (i + 1) / EPOCHS for i in range(EPOCHS)]
    steps = dict.fromkeys(min(samples, key=lambda s: abs(s.step - end)).step for end in ends)
    return [
        {p.parameter: p for s in samples if s.step == step for p in s.parameters} for step in steps
    ]


def epoch_losses(case: Case) -> list[float]:
    """Mean loss of each epoch; NaN where one was not finite."""
    loss = case.main_loss()
    values: Sequence[float] = loss.values if loss is not None else ()
    count = min(EPOCHS, len(values))
    return [
        mean(values[len(values) * i // count : len(values) * (i + 1) // count])
        for i in range(count)
    ]


def broke(case: Case) -> bool:
    """True if a loss, a gradient or a weight was not finite."""
    losses = (v for series in case.losses.values() for v in series.values)
    norms = (
        norm
        for sample in case.samples
        for p in sample.parameters
        for norm in (p.gradient_norm, p.weight_norm, p.update_norm)
        if norm is not None
    )
    return any(not math.isfinite(v) for v in losses) or any(not math.isfinite(v) for v in norms)
