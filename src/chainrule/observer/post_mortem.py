"""Which operation made the first non-finite number.

In the forward pass: when the loss is not finite, backward is about to start, and the graph still
holds the tensors that each operation saved. In the order in which they ran, the first operation
with a non-finite result from finite inputs is the origin.
In the backward pass: the first node, in the engine's order, that received a finite gradient and
passed on one that is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chainrule.records import operation

from .backward import BackwardRecorder
from .saved_tensors import read
from .structure import is_leaf

_RESULTS = ("_saved_result", "_saved_out", "_saved_output", "_saved_result0")
_RECOMPUTED: dict[str, Any] = {
    "Log": lambda s: torch.log(s["self"]),
    "Log2": lambda s: torch.log2(s["self"]),
    "Log10": lambda s: torch.log10(s["self"]),
    "Log1P": lambda s: torch.log1p(s["self"]),
    "Div": lambda s: s.get("self", torch.ones_like(s["other"])) / s["other"],
    "Mul": lambda s: s["self"] * s["other"],
    "Pow": lambda s: torch.pow(s["self"], s["exponent"]),
    "Addmm": lambda s: s["mat1"] @ s["mat2"],
    "Mm": lambda s: s["self"] @ s["mat2"],
    "Bmm": lambda s: s["self"] @ s["mat2"],
    "Acos": lambda s: torch.acos(s["self"]),
    "Asin": lambda s: torch.asin(s["self"]),
    "Linear": lambda s: s["input"] @ s["weight"].T,
}
"""Operations that save their inputs but not their result: it is computed again, once."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the first non-finite number came from.

    Attributes:
        node: Index of the operation in the graph walked; None if weights were already non-finite.
        direction: `forward`, `backward`, `weights` or `data` (the node was given it).
        leaves: Nodes of the leaf tensors that hold non-finite values.
        inputs: For each tensor that the operation saved: smallest and largest finite value and
            the number of non-finite ones.
    """

    node: int | None
    direction: str
    leaves: tuple[int, ...] = ()
    inputs: tuple[tuple[str, float, float, int], ...] = ()


@torch.no_grad()
def forward_origin(order: Sequence[Any], names: Sequence[str]) -> Origin | None:
    """The operation of the forward pass whose result is the first non-finite one.

    Args:
        order: Nodes of the graph, its saved tensors still there.
        names: Their names.

    Returns:
        None if the saved tensors do not tell.
    """
    leaves = tuple(
        i for i, name in enumerate(names) if is_leaf(name) and not _finite(order[i].variable)
    )
    if leaves:
        return Origin(None, "weights", leaves)
    index = {node: i for i, node in enumerate(order)}
    inner = [i for i, name in enumerate(names) if not is_leaf(name)]
    for i in sorted(inner, key=lambda i: order[i]._sequence_nr()):
        node, kind = order[i], operation(names[i])
        saved = _saved(node)
        inputs = {k: v for k, v in saved.items() if f"_saved_{k}" not in _RESULTS}
        if any(not _finite(v) for v in inputs.values()):
            producers = {_producer(node, kind, k) for k, v in inputs.items() if not _finite(v)}
            made = [index[m] for m in producers if m is not None and not is_leaf(names[index[m]])]
            if not made:  # it came from no operation of the graph: the script's own data
                return Origin(i, "data", (), _ranges(inputs))
            # an operation that saved nothing of its result made it
            latest = max(made, key=lambda j: int(order[j]._sequence_nr()))
            return Origin(latest, "forward", (), _ranges(_saved(order[latest])))
        results = [v for k, v in saved.items() if f"_saved_{k}" in _RESULTS]
        if not results and kind in _RECOMPUTED:
            try:
                results = [_RECOMPUTED[kind](saved)]
            except (KeyError, RuntimeError, TypeError):
                results = []
        if any(not _finite(v) for v in results):
            return Origin(i, "forward", (), _ranges(inputs or saved))
    return Origin(0, "forward", (), _ranges(_saved(order[0]))) if inner else None


def backward_origin(recorder: BackwardRecorder) -> Origin | None:
    """The node that turned a finite gradient into a non-finite one; call after `settle`."""
    outgoing: dict[int, list[float]] = {}
    for e, (source, _, _, _) in enumerate(recorder.structure.edges):
        outgoing.setdefault(source, []).append(float(recorder.edge_norms[e]))
    for i in recorder.ran:
        if math.isfinite(float(recorder.node_norms[i])) and any(
            not math.isfinite(value) for value in outgoing.get(i, ())
        ):
            return Origin(i, "backward")
    return None


_POSITION = {"other": 1, "weight": 1, "mat1": 1, "mat2": 1, "batch2": 2, "batch1": 1, "target": 1}


def _producer(node: Any, kind: str, name: str) -> Any:
    """The node whose result was saved under a name; None if it came from outside the graph."""
    position = _POSITION.get(name, 0)
    if kind in ("Addmm", "Baddbmm", "Addbmm") and name in ("mat2", "batch2"):
        position = 2
    following = node.next_functions
    return following[position][0] if position < len(following) else None


def _finite(tensor: Any) -> bool:
    if not isinstance(tensor, Tensor) or not (tensor.is_floating_point() or tensor.is_complex()):
        return True
    return bool(torch.isfinite(tensor).all().item())


def _saved(node: Any) -> dict[str, Any]:
    """What a node saved, by name; what is no longer readable is left out."""
    saved: dict[str, Any] = {}
    for name in dir(node):
        if name.startswith("_saved_"):
            value = read(node, name)
            if isinstance(value, Tensor) or (name == "_saved_exponent" and value is not None):
                saved[name.removeprefix("_saved_")] = value
    return saved


def _ranges(tensors: dict[str, Any]) -> tuple[tuple[str, float, float, int], ...]:
    ranges = []
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point() or not tensor.numel():
            continue
        finite = tensor[torch.isfinite(tensor)].double()
        wrong = tensor.numel() - finite.numel()
        low, high = (
            (float(finite.min()), float(finite.max())) if finite.numel() else (math.nan, math.nan)
        )
        ranges.append((name, low, high, wrong))
    return tuple(ranges)
