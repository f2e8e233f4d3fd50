"""Backward passes made of names and numbers, and what went forward in them."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.records import (
    Activation,
    BackwardPass,
    Edge,
    ForwardPass,
    Graph,
    LossCall,
    Node,
    Parameter,
    Place,
    StepSample,
    Values,
    operation,
)


def parameter(index: int, name: str, shape: tuple[int, ...], **more: Any) -> Parameter:
    """A trained parameter of a module, held by the first optimizer."""
    return Parameter(
        **{
            "index": index,
            "name": name,
            "shape": shape,
            "dtype": "float32",
            "requires_grad": True,
            "optimizers": (0,),
            "in_module": True,
            **more,
        }
    )


def graph(*names: str, classes: int = 10) -> tuple[Graph, tuple[Parameter, ...]]:
    """Operations in a line from the loss inwards, ending in a layer of so many units.

    `Addmm` nodes get a bias and a weight each.
    """
    nodes, edges, parameters = [], [], []
    line = []
    for i, name in enumerate(names):
        line.append(len(nodes))
        nodes.append(
            Node(f"{name}Backward0", Place(f"part{i}", operation(name), f"train.py:{i + 1}"))
        )
    for i, name in enumerate(names):
        if i + 1 < len(names):
            edges.append(Edge(line[i], line[i + 1], 0))
        if name != "Addmm":
            continue
        for slot, (kind, shape) in enumerate({"bias": (classes,), "weight": (classes, 8)}.items()):
            parameters.append(parameter(len(parameters), f"part{i}.{kind}", shape))
            edges.append(Edge(line[i], len(nodes), slot + 1))
            place = Place(f"part{i}.{kind}", "parameter")
            nodes.append(Node("AccumulateGrad", place, parameters[-1].index))
    edges.sort(key=lambda e: (e.source, e.input_index))
    return Graph(1, tuple(nodes), tuple(edges)), tuple(parameters)


def passes(
    made: Graph,
    steps: Iterable[int] = (0, 1, 2),
    *,
    norms: Sequence[float] | None = None,
    numels: Sequence[int] | None = None,
    loss: float = 2.3,
    activations: Sequence[Activation] = (),
) -> tuple[StepSample, ...]:
    """One backward pass through a graph in each of these steps; norms and sizes are 1 elsewhere."""
    count = len(made.nodes)
    node_norms = (*(norms or ()), *[1.0] * count)[:count]
    sizes = (*(numels or ()), *[1] * count)[:count]
    return tuple(
        StepSample(
            step=step,
            optimizer=0,
            time_s=float(step),
            overhead_s=0.0,
            parameters=(),
            backward_passes=(
                BackwardPass(
                    step=step,
                    index=0,
                    graph=made.id,
                    loss=loss,
                    scale=1.0,
                    seed_norm=1.0,
                    accumulates=True,
                    node_norms=node_norms,
                    edge_norms=tuple(node_norms[e.target] for e in made.edges),
                    numels=sizes,
                    activations=tuple(activations),
                ),
            ),
        )
        for step in steps
    )


def values(shape: tuple[int, ...], low: float = 0.0, high: float = 1.0, **more: Any) -> Values:
    """A tensor whose elements are half `low` and half `high`, unless said otherwise."""
    facts = {
        "dtype": "float32",
        "minimum": low,
        "maximum": high,
        "mean": (low + high) / 2,
        "rms": math.sqrt((low**2 + high**2) / 2),
        **more,
    }
    return Values(shape=shape, **facts)


def compared(
    function: str, prediction: Values, target: Values | None = None, **more: Any
) -> LossCall:
    """A call of a loss function."""
    facts = {
        "place": Place("", function, "train.py:1"),
        "reduction": "mean",
        "made": values((), 1.0, 1.0),
        **more,
    }
    return LossCall(function=function, prediction=prediction, target=target, **facts)


def forward(*losses: LossCall, step: int = 0, **more: Any) -> ForwardPass:
    """A forward pass with these losses."""
    return ForwardPass(step=step, optimizer=0, losses=losses, **more)
