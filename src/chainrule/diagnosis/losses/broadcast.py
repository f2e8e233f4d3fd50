"""N predictions against N targets that became N² differences, for one is a column and one a row."""

import math
from dataclasses import dataclass

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import count, number
from chainrule.records import Evidence, LossCall, Place, Remedy

from .calls import calls_of, mean_square
from .head import Head, heads
from .misuse import Misuse

FEWEST = 3
"""Predictions from which N² in place of N cannot be something else, such as a pair of numbers."""

MOST_PASSES = 0.5
"""Share of the passes of a graph that must show it: batches differ in size, mistakes do not."""

_PAIRED = frozenset({"Sub", "Rsub", "Mul", "Div"})
"""Operations that combine a prediction with a target, and broadcast."""

_ELEMENTWISE = frozenset(
    {"MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BinaryCrossEntropyWithLogits"}
)
"""Loss functions that broadcast: the prediction is expanded before them."""


@dataclass(frozen=True, slots=True)
class _Spread:
    place: Place
    predictions: int
    elements: int


def broadcast(case: Case) -> list[Misuse]:
    """The mistake, where the shapes show it or, unseen, the sizes of the gradients."""
    calls = calls_of(case)
    for call in calls:
        if call.target is not None and _spreads(call.prediction.shape, call.target.shape):
            n = math.prod(call.prediction.shape)
            shapes = f"{_shape(call.prediction.shape)} against {_shape(call.target.shape)}"
            return [_misuse(case, _Spread(call.place, n, n * n), shapes, call)]
    for head in heads(case):
        for node in head.nodes:
            seen = _by_size(case, head, node)
            if seen is not None and not _is_meant(seen, calls):
                here = [c for c in calls if c.place.source == seen.place.source]
                latest = here[-1] if here else None
                return [_misuse(case, seen, "one a column, the other a row", latest)]
    return []


def _spreads(prediction: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """True for (N,) and (N, 1), or the other way round, with further axes of 1."""
    n = math.prod(prediction)
    if n < FEWEST or math.prod(target) != n or prediction == target:
        return False
    if len(prediction) == len(target):
        return False  # a column against a row: somebody made both on purpose
    width = max(len(prediction), len(target))
    shapes = [(1,) * (width - len(shape)) + shape for shape in (prediction, target)]
    together: int = math.prod(max(pair) for pair in zip(*shapes, strict=True))
    return together == n * n


def _by_size(case: Case, head: Head, node: int) -> _Spread | None:
    """N² elements at an operation that only one thing trained goes into, which has N."""
    name = head.name(node)
    numels = head.chain.backward_pass.numels
    if name in _PAIRED:
        wide, targets = node, head.targets(node)
    elif name in _ELEMENTWISE:
        expanded = [t for t in head.targets(node) if head.name(t) == "Expand"]
        wide, targets = (expanded or [node])[0], head.targets((expanded or [node])[0])
        if not expanded:
            return None
    else:
        return None
    if len(targets) != 1 or head.name(targets[0]) == "Unsqueeze":
        return None
    alike = [c.backward_pass.numels for _, c in case.chains if c.graph.id == head.chain.graph.id]
    hits = sum(n[targets[0]] >= FEWEST and n[wide] == n[targets[0]] ** 2 for n in alike)
    if not hits > MOST_PASSES * len(alike):
        return None
    return _Spread(head.place(node), numels[targets[0]], numels[wide])


def _is_meant(seen: _Spread, calls: list[LossCall]) -> bool:
    """True if the shapes at this line were seen before they were broadcast: a column and a row."""
    return any(
        call.place.source == seen.place.source
        and call.target is not None
        and math.prod(call.prediction.shape) == seen.predictions
        for call in calls
    )


def _misuse(case: Case, seen: _Spread, shapes: str, call: LossCall | None) -> Misuse:
    n = seen.predictions
    start, end = case.loss_start, case.loss_end
    evidence = {
        "differences": Evidence(float(seen.elements), "elements", float(n), "one a prediction"),
        "predictions": Evidence(float(n), "elements"),
        "loss_first": Evidence(start, rows="series loss"),
        "loss_last": Evidence(end, rows="series loss"),
    }
    rests = ""
    if call is not None and call.target is not None and mean_square(call) is not None:
        variance = max(0.0, call.target.rms**2 - call.target.mean**2)
        evidence["variance_of_targets"] = Evidence(
            variance, "", None, "the loss of one and the same answer for all", "forward pass"
        )
        rests = (
            f" Its lowest value is the variance of the targets, {number(variance)} in one batch."
        )
    return Misuse(
        severity="error",
        title=f"{n} predictions meet {n} targets as {count(seen.elements)} differences",
        where=seen.place,
        first_step=case.chains[0][0] if case.chains else 0,
        evidence=evidence,
        explanation=(
            f"At {seen.place} the shapes are {shapes}. PyTorch repeats each along the "
            "axis that it lacks, so every prediction is compared with the target of every "
            f"example: {count(seen.elements)} pairs in place of {n}.\n\n"
            "    L = 1/N² Σ_i Σ_j ℓ(f_i, y_j),   so   ∂L/∂f_i = 1/N² Σ_j ∂ℓ(f_i, y_j)/∂f_i\n\n"
            "The right-hand side is the same function for all i: each prediction is pulled to one "
            f"and the same value, for a square the mean of all targets.{rests} The loss went from "
            f"{number(start)} to {number(end)}; what tells one example from another cannot be "
            "learned by it."
        ),
        remedies=(
            Remedy(
                "give both the same shape: prediction.squeeze(-1), or target.unsqueeze(-1)",
                f"then {n} differences remain",
                "PyTorch, Broadcasting semantics",
            ),
            Remedy(
                "assert prediction.shape == target.shape before the loss",
                "broadcasting raises no error",
            ),
        ),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
