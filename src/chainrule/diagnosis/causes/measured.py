"""The number that a finding rests on, for a sentence."""

from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, Finding


def measured(finding: Finding) -> str:
    """The first number that was compared with something, in brackets after a space; or nothing."""
    for name, evidence in finding.evidence.items():
        if evidence.threshold is not None:
            return f" ({name.replace('_', ' ')} {_value(evidence)})"
    return ""


def _value(evidence: Evidence) -> str:
    return f"{number(evidence.value)} {evidence.unit}".rstrip()
