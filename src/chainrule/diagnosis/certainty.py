"""What may be said of a run before it is over."""

from dataclasses import dataclass, field, replace

from chainrule.records import Finding, Severity

ONLY_AT_THE_END: dict[str, str] = {
    "plateau": "a run that stands still may go on after a while",
    "saddle": "a run that stands still may leave the saddle after a while",
    "learning-rate-too-low": "how far steps lead depends on how many there will be",
    "learning-rate-too-high": "a schedule may lower the rate, and the loss may still fall",
    "oscillating-loss": "a schedule may lower the rate, and the swings with it",
    "schedule-out-of-step": "where a schedule ends is known when it has ended",
    "overfitting": "a later part of the run may do better on what it is not trained on",
    "vanishing-gradient": "how far weights get depends on how many steps there will be",
    "cannot-tell": "more is to come",
    "healthy": "more is to come",
}
"""Fault → why it holds only of a whole run."""

AT_ONCE = frozenset(
    {
        "training-died",
        "non-finite",
        "no-gradient",
        "not-optimized",
        "loss-misuse",
        "symmetric-initialization",
        "batch-norm-misuse",
        "badly-scaled-initialization",
        "gradients-zeroed",
        "dead-units",
        "saturated-units",
        "vanishing-gradient",
        "exploding-gradient",
    }
)
"""Faults that a few steps are enough for: what they rest on is there from the first one. Others
that are found so early may only be warned of: whether the run will learn is not known yet."""

APART = 10
"""Steps between two looks that find the same: fewer would look at the same few samples twice."""

GROWN = 1.25
"""The second look must see this many times the steps of the first, so that a fault of the first
steps alone, which the whole run will not have, is seen to fade."""

_WORSE: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def in_a_few_steps(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Of the findings after a few steps those that hold already, as severe as is certain."""
    kept = []
    for finding in findings:
        if finding.fault in ONLY_AT_THE_END and finding.fault not in AT_ONCE:
            continue
        if finding.severity == "error" and finding.fault not in AT_ONCE:
            finding = replace(finding, severity="warning")
        kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: _WORSE[finding.severity]))


@dataclass(slots=True)
class Looks:
    """Successive diagnoses of a run that goes on.

    Attributes:
        least: The mildest severity that counts.
    """

    least: Severity = "error"
    _first: dict[tuple[str, str], int] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def take(self, findings: tuple[Finding, ...], steps: int) -> tuple[Finding, ...]:
        """One more look.

        Args:
            findings: Of the run so far.
            steps: How many steps it had.

        Returns:
            Findings that are certain now and were not told before.
        """
        present = {
            (f.fault, str(f.where)): f
            for f in findings
            if _WORSE[f.severity] <= _WORSE[self.least] and f.fault not in ONLY_AT_THE_END
        }
        self._first = {key: self._first.get(key, steps) for key in present}
        certain = []
        for key, finding in present.items():
            seen_at = self._first[key]
            if finding.fault in self._told or steps < max(seen_at + APART, GROWN * seen_at):
                continue
            self._told.add(finding.fault)
            certain.append(finding)
        return tuple(certain)
