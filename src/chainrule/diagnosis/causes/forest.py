"""From findings to roots: each symptom is put below the nearest finding that explains it.

A finding gets one cause at most, and never one that follows from it, so that what comes out are
trees. The cause is the nearest: of two that explain it, the one that the other explains as well.
"""

from dataclasses import replace

from chainrule.diagnosis.case import Case
from chainrule.records import Consequence, Finding, Severity

from .edge import Edge
from .edges import EDGES
from .measured import measured
from .on_the_way import on_one_way
from .rivals import either_or

_WORSE: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
_WAYS = {(edge.cause, edge.symptom): edge for edge in EDGES}

_OF_THE_PROGRAM = frozenset(
    {
        "unscaled-input",
        "badly-scaled-initialization",
        "symmetric-initialization",
        "loss-misuse",
        "gradient-ascent",
        "gradients-accumulate",
        "gradients-zeroed",
        "not-optimized",
        "no-gradient",
        "batch-norm-misuse",
        "weight-decay-too-strong",
        "schedule-out-of-step",
    }
)
"""Faults that are written in the program: they are there from its first step, whenever it is that
they were first measured."""

_BY_UPDATES = frozenset(
    {
        "loss-misuse",
        "gradients-accumulate",
        "gradient-ascent",
        "weight-decay-too-strong",
        "learning-rate-too-high",
        "exploding-gradient",
    }
)
"""Faults that reach what a layer computes only by way of an update of the weights."""

_OF_A_FORWARD_PASS = frozenset({"saturated-units", "dead-units"})
"""Faults whose first step is that of the first forward pass that shows them: at step 0 it came
before any update."""


def one_cause(findings: list[Finding], case: Case) -> list[Finding]:
    """Fold each symptom into the finding that explains it.

    Args:
        findings: In the order of `FAULTS`.
        case: The run.

    Returns:
        The findings that nothing explains, in the same order, each with what follows from it.
    """
    places = range(len(findings))
    why = {
        (c, s): because
        for s in places
        for c in places
        if c != s and (because := _because(findings[c], findings[s], case))
    }
    cause: dict[int, int] = {}
    for s in sorted(places, key=lambda i: (_begins(findings[i]), i)):
        fitting = [c for c in places if (c, s) in why and s not in _line(cause, c)]
        nearest = [c for c in fitting if not any((c, n) in why for n in fitting if n != c)]
        if fitting:
            cause[s] = (nearest or fitting)[0]
    for s, c in cause.items():
        rivals = _rivals(findings, why, cause, s, c)
        if rivals:
            why[c, s] = either_or(findings[c], rivals, findings[s])
    return [_with_consequences(findings, why, cause, i) for i in places if i not in cause]


def _because(cause: Finding, symptom: Finding, case: Case) -> str:
    """Why the one follows from the other in this run; empty if it cannot be said to."""
    edge = _WAYS.get((cause.fault, symptom.fault))
    if (
        edge is None
        or (cause.severity == "note" and symptom.severity != "note")
        or _begins(cause) > symptom.steps[0]
        or symptom.where.operation in edge.repels
        or (
            cause.fault in _BY_UPDATES
            and symptom.fault in _OF_A_FORWARD_PASS
            and symptom.steps[0] == 0
        )
        or not edge.holds(cause, symptom, case)
    ):
        return ""
    together = on_one_way(case, cause.where, symptom.where) if edge.placed else None
    if together is False:
        return ""
    return _sentence(edge, cause, symptom, together=bool(together))


def _sentence(edge: Edge, cause: Finding, symptom: Finding, *, together: bool) -> str:
    """The mechanism, the decisive number of each, and which was there first."""
    text = f"{edge.mechanism[0].upper()}{edge.mechanism[1:]}: {cause.fault}{measured(cause)}"
    text += f" from step {_begins(cause):,} on, {symptom.fault}{measured(symptom)} "
    text += (
        f"at step {symptom.steps[0]:,}"
        if symptom.steps[0] == symptom.steps[1]
        else f"from step {symptom.steps[0]:,} on"
    )
    if together and cause.where == symptom.where:
        text += f"; both are at {cause.where}"
    elif together:
        text += f"; {cause.where} and {symptom.where} lie on one way of the gradient"
    return f"{text}."


def _begins(finding: Finding) -> int:
    """The step from which on a fault is there: one after steps that went well began with it."""
    well = finding.evidence.get("steps_with_a_gradient")
    late = well is not None and well.value > 0
    return finding.steps[0] if late or finding.fault not in _OF_THE_PROGRAM else 0


def _line(cause: dict[int, int], i: int) -> list[int]:
    """A finding, what it follows from, and so on to the root."""
    line = [i]
    while line[-1] in cause:
        line.append(cause[line[-1]])
    return line


def _rivals(
    findings: list[Finding],
    why: dict[tuple[int, int], str],
    cause: dict[int, int],
    s: int,
    chosen: int,
) -> list[Finding]:
    """Further causes of `s`, one a tree, that fit as well as the chosen one."""
    mine = findings[chosen]
    trees = {_line(cause, chosen)[-1]}
    found: list[Finding] = []
    for c, other in enumerate(findings):
        if (
            c != chosen
            and (c, s) in why
            and (tree := _line(cause, c)[-1]) not in trees
            and other.fault != mine.fault
            and _begins(other) == _begins(mine)
            and "note" not in (other.severity, mine.severity)
        ):
            trees.add(tree)
            found.append(other)
    return found


def _with_consequences(
    findings: list[Finding], why: dict[tuple[int, int], str], cause: dict[int, int], root: int
) -> Finding:
    links: list[Consequence] = []
    sentences: list[str] = list(findings[root].consequences)

    def follow(c: int, depth: int) -> None:
        for s in (s for s in range(len(findings)) if cause.get(s) == c):
            found = findings[s]
            link = Consequence(
                fault=found.fault,
                severity=found.severity,
                title=found.title,
                where=found.where,
                steps=found.steps,
                because=why[c, s],
                depth=depth,
            )
            links.append(link)
            sentences.append(link.sentence)
            sentences.extend(found.consequences)
            follow(s, depth + 1)

    follow(root, 0)
    if not links:
        return findings[root]
    worst: Severity = min(
        (findings[root].severity, *(link.severity for link in links)), key=_WORSE.__getitem__
    )
    return replace(
        findings[root],
        severity=worst,
        consequences=tuple(sentences),
        links=tuple(links),
    )
