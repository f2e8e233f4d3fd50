"""Softmax and exp at their limits: one operation that lets next to nothing of the gradient through.

Both have a derivative made of their own output: y for y = exp z, and pᵢ(δᵢⱼ − pⱼ) for a softmax.
Where exp z is next to 0, or one share of a softmax is 1 and the others are 0, it is next to 0 too.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.instruments import Chain
from chainrule.records import Evidence, Finding, Graph, Place, Remedy, operation

from .case import Case, middle
from .drawing import drawn, links
from .losses.calls import calls_of
from .reach import parameters_below, targets
from .unlearned import Unlearned
from .wording import count, names, number, percent

FAULT = "saturated-units"

NEXT_TO_NOTHING = 1e-5
"""RMS of the gradient behind the operation over that before it. A softmax that weighs n values
alike passes on 1/n; this is a twentieth (below which a sigmoid counts as saturated) of that of
5,000 values, more than attention commonly weighs."""

PERSISTENT = 0.9
"""Of the later sampled steps, the share on which it must hold, as for sigmoids."""

SAMPLES = 3
"""Later sampled steps needed: one odd batch is no verdict."""

STILL = 0.1
"""Way of the weights behind it, in shares of their size: what Adam moves all the same is no
victim."""

_EXPONENTIALS = frozenset({"Softmax", "Exp"})


@dataclass(frozen=True, slots=True)
class _Flat:
    place: Place
    passed: float
    steps: float
    first_step: int
    behind: tuple[int, ...]
    way: float
    nothing: bool


def flat_exponentials(case: Case, left: Unlearned) -> list[Finding]:
    """The finding, if most of the loss is left and weights rest behind such an operation.

    Args:
        case: The run; of one optimizer, or a loss that is not lower says nothing.
        left: What is left of its loss.
    """
    if not left.most:
        return []
    behind = {id: _behind_exponentials(graph) for id, graph in case.graphs.items()}
    seen: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for step, chain in case.chains:
        for node, share in _passed(chain, behind[chain.graph.id]):
            seen.setdefault((chain.graph.id, node), []).append((step, share))
    found = [flat for at, values in seen.items() if (flat := _flat(case, *at, values)) is not None]
    return [_finding(case, min(found, key=lambda flat: flat.passed), left)] if found else []


def _behind_exponentials(graph: Graph) -> dict[int, int]:
    """For each softmax and exp the node that it passes its gradient on to."""
    following = targets(graph)
    return {
        i: following[i][0]
        for i, node in enumerate(graph.nodes)
        if following[i] and operation(node.name) in _EXPONENTIALS
    }


def _passed(chain: Chain, behind: Mapping[int, int]) -> list[tuple[int, float]]:
    """`(node, share of the gradient's RMS that comes through)`, of those where some arrived.

    It is taken of the least that there was on the way to the operation: one that only takes back
    what another one blew up, as exp before a division by its own sum, takes nothing.
    """
    if not behind:
        return []
    least: dict[int | None, float] = {None: math.inf}
    for node in chain.outwards:
        rms = chain.rms(node)
        least[node] = min(least[chain.source(node)], math.inf if math.isnan(rms) else rms)
    return [
        (node, after / least[node])
        for node, target in behind.items()
        if 0 < least[node] < math.inf and not math.isnan(after := chain.rms(target))
    ]


def _flat(case: Case, graph: int, node: int, values: list[tuple[int, float]]) -> _Flat | None:
    late = [share for step, share in values if step in case.late_steps]
    steps = sum(share <= NEXT_TO_NOTHING for share in late) / max(1, len(late))
    if len(late) < SAMPLES or steps < PERSISTENT:
        return None
    trained = tuple(
        i
        for i in sorted(parameters_below(case.graphs[graph])[node])
        if i in case.parameters
        and case.parameters[i].optimizers
        and case.parameters[i].requires_grad
    )
    ways = [way for i in trained if (way := case.way(i)) >= 0]
    if not ways or max(ways) >= STILL:
        return None
    place = case.graphs[graph].nodes[node].place
    nothing = not any(share for _, share in values)
    if nothing and place.operation == "Softmax" and _predicts_one_unit(case):
        return None  # a loss that is given 1 whatever the scores are: see `loss-misuse`
    first = values[-1][0]
    for step, share in reversed(values):
        if share > NEXT_TO_NOTHING:
            break
        first = step
    return _Flat(place, middle(late), steps, first, trained, max(ways), nothing)


def _predicts_one_unit(case: Case) -> bool:
    return any(
        call.after[:1] == ("Softmax",) and call.prediction.shape[-1:] == (1,)
        for call in calls_of(case)
    )


def _finding(case: Case, flat: _Flat, left: Unlearned) -> Finding:
    far = max(flat.behind, key=lambda i: case.parameters[i].numel)
    chain = links([chain for _, chain in case.chains if chain.norm(far) is not None][-50:], far)
    passed = number(flat.passed) if flat.passed else "nothing"
    softmax = flat.place.operation == "Softmax"
    return Finding(
        fault=FAULT,
        severity="warning" if softmax and flat.nothing else "error",
        title=f"{flat.place.operation} is at its limit: {passed} of the gradient comes through",
        where=flat.place,
        steps=(flat.first_step, case.last_step),
        evidence={
            "gain": Evidence(
                flat.passed, "of the gradient's RMS", NEXT_TO_NOTHING, "1/n of n values alike"
            ),
            "saturated_steps": Evidence(
                flat.steps, "of the later sampled steps", PERSISTENT, "persistently"
            ),
            "way": Evidence(flat.way, "of the weights' size", STILL, "hardly moved"),
            "weights_behind": Evidence(float(len(flat.behind)), "tensors"),
            **left.evidence,
        },
        explanation=(
            f"From step {count(flat.first_step)} on {passed} of the gradient's RMS "
            f"comes through {flat.place} (the median). "
            + (
                "The derivatives of a softmax are made of its shares p:\n\n"
                "    ∂pᵢ/∂zᵢ = pᵢ·(1 − pᵢ),   ∂pᵢ/∂zⱼ = −pᵢ·pⱼ\n\n"
                "and all of them are 0 where one share is 1 and the others are 0: its scores lie "
                "so far apart that no small change of a weight changes its answer. (Nothing comes "
                "through either where all that it weighs is the same"
                + (", or is a single value: look at its shape.)" if flat.nothing else ".)")
                if softmax
                else "The derivative of exp is its own value:\n\n"
                "    y = exp z,   ∂y/∂z = y\n\n"
                "and z lies so far below 0 that both are next to 0: its output is 0 for all that "
                "a small change of a weight can do."
            )
            + f" Of the weights behind it ({names([case.parameters[i].name for i in flat.behind])})"
            f" none moved by more than {percent(flat.way)} of its size in "
            f"{count(case.run.steps)} steps. The loss ended at {left.in_words}."
        ),
        remedies=_softmax_remedies() if softmax else _exp_remedies(),
        chain=drawn(chain, [link for link in chain if link.place == flat.place]),
    )


def _softmax_remedies() -> tuple[Remedy, ...]:
    return (
        Remedy(
            "divide the scores by the square root of their width, or by a higher temperature",
            "a sum of n products of size 1 has size √n; scores of size 1 leave all shares a slope",
            "Vaswani et al. (2017), arXiv 1706.03762, section 3.2.1",
        ),
        Remedy(
            "initialise smaller, or normalise, what the scores are made of",
            "the scores grow with its square",
        ),
    )


def _exp_remedies() -> tuple[Remedy, ...]:
    return (
        Remedy(
            "begin with exponents near 0: centres among the data, or a width as large as the "
            "distances",
            "exp has a slope where its value is not 0",
        ),
        Remedy(
            "normalise the data, or divide the exponents by their number of terms",
            "a squared distance is a sum over all features and grows with their number",
        ),
    )
