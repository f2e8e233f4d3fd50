"""Scores that were reshaped where their axes were to be exchanged, so that classes got mixed.

A reshape keeps the order of the elements. A layer whose K units are the last axis has the scores
of unit k at k, K + k, 2K + k, ...; a cross entropy of a prediction of shape (N, K, T) takes for
class k the elements kT to kT + T − 1 of an example: scores of other units, at other places. Only an
exchange of axes brings the right ones there.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number, percent
from chainrule.records import Evidence, LayerCall, LossCall, Place, Remedy

from .head import Head, heads
from .misuse import Misuse, graded

MOST_COUNTED = 2**16
"""Elements of which it is counted whose scores they are; it repeats long before."""

_LOSSES = frozenset({"NllLoss", "NllLoss2D", "NllLossNd", "CrossEntropyLoss"})
_FUNCTIONS = ("cross_entropy_loss", "nll_loss_nd", "nll_loss", "nll_loss2d")
_UNITS_LAST = frozenset({"linear", "matmul", "addmm", "mm", "embedding"})
_AXES = {"conv1d": 3, "conv2d": 4, "conv3d": 5}  # with the batch; units are the second one

_RESHAPES = frozenset({"View", "UnsafeView", "ReshapeAlias", "Unsqueeze", "Squeeze"})
_KEEP = frozenset({"Clone", "ToCopy", "Add", "Mul", "Div", "LogSoftmax"})
"""Operations that leave each element in its place, if they have one input that is no leaf."""


def class_axis(case: Case) -> list[Misuse]:
    """The mistake, at the latest pass that shows it."""
    for head in heads(case):
        for node in head.nodes:
            way = _way_to_layer(head, node) if head.name(node) in _LOSSES else ()
            if not way:
                continue
            seen = _seen(case, head, node, way)
            if seen is not None:
                return [_misuse(case, _reshape(head, way, *seen), *seen)]
    return []


def _way_to_layer(head: Head, node: int) -> tuple[int, ...]:
    """From a loss to a layer, if all between them only reshapes or keeps its order; else empty."""
    way = [node]
    while True:
        inner = [t for t in head.targets(way[-1]) if head.chain.graph.nodes[t].parameter is None]
        if len(inner) != 1 or inner[0] in way:
            return ()
        way.append(inner[0])
        if head.is_layer(inner[0]):
            return tuple(way)
        if head.name(inner[0]) not in _RESHAPES | _KEEP | {"Slice"}:
            return ()


def _seen(
    case: Case, head: Head, node: int, way: tuple[int, ...]
) -> tuple[LayerCall, LossCall] | None:
    """The layer and the loss in a pass that shows the mistake."""
    weights, source = _weights(head, way[-1]), head.place(node).source
    sliced = any(head.name(n) == "Slice" for n in way)
    for forward in reversed(case.forward_passes):
        layers = [c for c in forward.layers if c.parameter in weights]
        calls = [c for c in forward.losses if c.function in _FUNCTIONS and c.place.source == source]
        if len(layers) == len(calls) == 1:
            kept_by_slices = not sliced or layers[0].function in _UNITS_LAST
            return (layers[0], calls[0]) if kept_by_slices and _mixed(layers[0], calls[0]) else None
    return None


def _weights(head: Head, layer: int) -> set[int]:
    """Numbers of the parameters that are operands of a product, as they are or transposed."""
    operands = head.targets(layer)
    leaves = [*operands, *(t for o in operands for t in head.targets(o) if not head.is_layer(o))]
    found = (head.chain.graph.nodes[n].parameter for n in leaves)
    return {index for index in found if index is not None}


def _strides(layer: LayerCall, call: LossCall) -> tuple[int, int] | None:
    """From one unit to the next, and from one class to the next, in elements; None if unknown."""
    made, given = layer.made.shape, call.prediction.shape
    if layer.function in _UNITS_LAST:
        axis = len(made) - 1
    elif _AXES.get(layer.function) == len(made):
        axis = 1
    else:
        return None
    if len(made) < 2 or len(given) < 2 or made[axis] != given[1]:
        return None
    return math.prod(made[axis + 1 :]), math.prod(given[2:])


def _mixed(layer: LayerCall, call: LossCall) -> bool:
    """True if what the loss takes for one class are scores of several units.

    Not so where another axis of the layer's output may be that of the classes, as long and in the
    right place, and the units are what there is of each class.
    """
    strides = _strides(layer, call)
    if strides is None or strides[0] == strides[1]:
        return False
    made, classes = layer.made.shape, call.prediction.shape[1]
    others = [math.prod(made[a + 1 :]) for a in range(len(made)) if made[a] == classes]
    return classes > 1 and strides[1] not in (*others, classes)


def _reshape(head: Head, way: tuple[int, ...], layer: LayerCall, call: LossCall) -> Place:
    """Where the reshape is that belongs to neither the layer nor the loss."""
    for node in way:
        place = head.place(node)
        own = place.module in (layer.place.module, call.place.module) and place.module
        if head.name(node) in _RESHAPES and not own:
            return place
    return call.place


def _misuse(case: Case, where: Place, layer: LayerCall, call: LossCall) -> Misuse:
    strides = _strides(layer, call)
    assert strides is not None
    classes = call.prediction.shape[1]
    elements = range(min(MOST_COUNTED, classes * max(strides)))
    wrong = sum((i // strides[0] - i // strides[1]) % classes != 0 for i in elements)
    share = wrong / len(elements)
    made, given = _shape(layer.made.shape), _shape(call.prediction.shape)
    axis = "last" if strides[0] == 1 else "second"
    return Misuse(
        severity=graded(case),
        title=f"a reshape mixes the classes: {percent(share)} of the scores are of another one",
        where=where,
        first_step=case.forward_passes[0].step,
        evidence={
            "scores_of_another_class": Evidence(share, "of the scores", 0.0, "each is of its own"),
            "classes": Evidence(float(classes), "classes"),
            "from_class_to_class": Evidence(
                float(strides[1]), "elements", float(strides[0]), "from unit to unit of the layer"
            ),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(case.loss_end, rows="series loss"),
        },
        explanation=(
            f"{layer.place} makes scores of shape {made}, with a class along the {axis} axis: from "
            f"one class to the next it is {strides[0]:,} element{'s' * (strides[0] > 1)}. "
            f"{call.place} takes classes along the second axis of {given}: {strides[1]:,} "
            "elements. Between them is only a reshape, which keeps the elements in their order and "
            f"exchanges no axes. So {percent(share)} of what is taken for the score of a class is "
            "that of another class, at another place of the example:\n\n"
            "    ∂L/∂z of one place = p − y of another one\n\n"
            "and what the network can learn is hardly more than how frequent each class is. The "
            f"loss went from {number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "exchange the axes: scores.transpose(1, 2), or movedim(-1, 1)"
                if strides[0] == 1
                else "scores.movedim(1, -1) before the reshape",
                "then each score stays with its class",
                "PyTorch documentation of cross_entropy: input of shape (N, C, d₁, ...)",
            ),
        ),
    )


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"
