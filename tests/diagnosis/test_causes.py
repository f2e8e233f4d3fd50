"""One cause, not several alarms: which finding takes which as its consequence."""

import pytest

from chainrule.diagnosis.causes import one_cause
from chainrule.records import Evidence, Finding, Place, Severity


def finding(
    fault: str, step: int = 0, operation: str = "", severity: Severity = "error", known: float = 0
) -> Finding:
    return Finding(
        fault=fault,
        severity=severity,
        title=f"title of {fault}",
        where=Place(operation=operation),
        steps=(step, 99),
        evidence={"unreached_in_models": Evidence(known)},
        explanation="",
    )


@pytest.mark.parametrize(
    ("root", "symptom"),
    [
        (finding("no-gradient"), finding("learning-rate-too-low", 4)),
        (finding("not-optimized"), finding("learning-rate-too-low", 4)),
        (finding("not-optimized"), finding("no-gradient")),
        (finding("non-finite", 50), finding("learning-rate-too-low", 60)),
        (finding("exploding-gradient"), finding("learning-rate-too-high", 1)),
        (finding("learning-rate-too-high"), finding("non-finite", 9, "Addmm")),
    ],
)
def test_explained(root: Finding, symptom: Finding) -> None:
    (kept,) = one_cause([symptom, root])
    assert kept.fault == root.fault
    assert kept.consequences == (f"{symptom.fault}: {symptom.title}",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (finding("not-optimized"), finding("no-gradient", known=2)),  # of a module that was found
        (finding("not-optimized", severity="note"), finding("learning-rate-too-low")),
        (finding("learning-rate-too-high"), finding("non-finite", 9, "Log")),
        (finding("exploding-gradient"), finding("non-finite", 9, "Sqrt")),
        (finding("learning-rate-too-high", 20), finding("dead-units", 10)),  # it was there before
    ],
)
def test_not_explained(first: Finding, second: Finding) -> None:
    assert one_cause([first, second]) == [first, second]
