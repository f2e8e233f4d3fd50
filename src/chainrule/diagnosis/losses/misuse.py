"""A mistake in how a loss is used, before it becomes a finding."""

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.diagnosis.case import Case
from chainrule.records import Evidence, Place, Remedy, Severity

NOT_LEARNED = 0.9
"""Loss at the end over loss at the first step: batches of a few dozen examples differ by some per
cent, and a run that has not gained a tenth has not learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misuse:
    """One mistake; see `Finding` for what the parts are.

    Attributes:
        severity: As of the finding.
        title: One line with the decisive number.
        where: What to change.
        first_step: The first step at which it was seen.
        evidence: The numbers that it rests on.
        explanation: Plain words and the formula.
        remedies: Best first.
    """

    severity: Severity
    title: str
    where: Place
    first_step: int
    evidence: Mapping[str, Evidence]
    explanation: str
    remedies: tuple[Remedy, ...]


def graded(case: Case) -> Severity:
    """`error` if the run has not learned with it, else `warning`."""
    start, end = case.loss_start, case.loss_end
    learned = end < NOT_LEARNED * start if start > 0 else end < start
    return "warning" if learned and case.broke_at is None else "error"
