"""One way in which a fault leads to another, and when a run shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.diagnosis.case import Case
from chainrule.records import Finding

Holds = Callable[[Finding, Finding, Case], bool]
"""Whether the numbers of the cause, the symptom and the run allow the link."""


def always(cause: Finding, symptom: Finding, case: Case) -> bool:
    """Nothing but the order in time is asked for."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A cause and a symptom.

    Attributes:
        cause: Fault.
        symptom: Fault.
        mechanism: Why the one makes the other, as a clause that ends without a full stop.
        holds: What must hold beyond the order in time.
        placed: True if one must lie on the other's way to the loss, where both places are known.
        repels: Operations of the symptom's place that are a cause of their own.
    """

    cause: str
    symptom: str
    mechanism: str
    holds: Holds = always
    placed: bool = False
    repels: frozenset[str] = frozenset()
