"""One cause, not several alarms: a finding that another explains becomes its consequence."""

from dataclasses import replace

from chainrule.records import Finding

_EXPLAINS: dict[str, frozenset[str]] = {
    # a step that is far too long pushes units below zero, weights out of range, numbers to infinity
    "learning-rate-too-high": frozenset({"dead-units", "exploding-gradient", "non-finite"}),
    # a step is too short wherever the gradient has vanished, whatever the rate
    "vanishing-gradient": frozenset({"learning-rate-too-low", "plateau", "saddle"}),
    "dead-units": frozenset({"vanishing-gradient", "learning-rate-too-low", "plateau"}),
    # on a flat place any step is short
    "saddle": frozenset({"learning-rate-too-low"}),
    "plateau": frozenset({"learning-rate-too-low"}),
    # what trains alone, with the rest of the model at rest, learns less than it could; and an
    # optimizer made from another copy of the model holds tensors that nothing reaches
    "no-gradient": frozenset({"learning-rate-too-low", "plateau", "saddle"}),
    "not-optimized": frozenset({"learning-rate-too-low", "plateau", "saddle", "no-gradient"}),
    # what is not finite any more neither learns nor dies of its own
    "non-finite": frozenset({"learning-rate-too-low", "plateau", "saddle", "dead-units"}),
    # growth without bound ends in an overflow; the loss had grown before. No rate suits both ends
    "exploding-gradient": frozenset({"non-finite", "learning-rate-too-high"}),
}
"""Root fault → symptoms that it explains when it was there first."""


_OWN_CAUSE = frozenset({"Log", "Log1P", "Div", "Sqrt", "Rsqrt", "LinalgVectorNorm", "Norm"})
"""Operations that are not finite at 0, whatever the size of the gradient."""

_GROWS = frozenset({"exploding-gradient", "learning-rate-too-high"})
"""Faults that end in an overflow."""


def _explains(root: Finding, symptom: Finding) -> bool:
    """False where the symptom has a cause of its own: growth does not make a logarithm of 0.

    And parameters without a gradient that belong to a model that was seen were not left behind by
    replacing it.
    """
    if root.severity == "note" and symptom.severity != "note":
        return False
    if root.fault == "not-optimized" and symptom.fault == "no-gradient":
        return not symptom.evidence["unreached_in_models"].value
    return not (root.fault in _GROWS and symptom.where.operation in _OWN_CAUSE)


def one_cause(findings: list[Finding]) -> list[Finding]:
    """Fold each symptom into the finding that explains it, if that one began no later."""
    kept = list(findings)
    for root in findings:
        for symptom in findings:
            if (
                _explains(root, symptom)
                and symptom.fault in _EXPLAINS.get(root.fault, frozenset())
                and root.steps[0] <= symptom.steps[0]
                and symptom in kept
                and root in kept
            ):
                kept.remove(symptom)
                position = kept.index(root)
                kept[position] = root = replace(
                    root,
                    consequences=(
                        *root.consequences,
                        f"{symptom.fault}: {symptom.title}",
                        *symptom.consequences,
                    ),
                )
    return kept
