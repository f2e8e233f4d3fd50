"""The calls of loss functions that were seen of a run."""

from chainrule.diagnosis.case import Case
from chainrule.records import LossCall, Place, operation


def calls_of(case: Case, *functions: str) -> list[LossCall]:
    """Calls of these functions, or of all, in the order of the steps."""
    return [
        call
        for forward in case.forward_passes
        for call in forward.losses
        if not functions or call.function in functions
    ]


def places_of(case: Case, names: tuple[str, ...]) -> Place | None:
    """The first place of the latest graph that has an operation of one of these names."""
    for _, chain in reversed(case.chains):
        for node in chain.graph.nodes:
            if operation(node.name) in names:
                return node.place
    return None


def mean_square(call: LossCall) -> float | None:
    """Mean of (prediction − target)² of a call that measures it; None of any other."""
    if call.function == "sub":
        return call.made.rms**2
    if call.function != "mse_loss":
        return None
    count = 1
    for size in call.prediction.shape:
        count *= size
    return call.made.mean / count if call.reduction == "sum" else call.made.mean
