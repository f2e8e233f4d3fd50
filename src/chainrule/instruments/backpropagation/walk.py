"""The operations between a loss and the tensors that it is differentiated by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.autograd.graph import get_gradient_edge

from chainrule.records import operation

from .errors import ExplanationError

MOST_OPERATIONS = 300
"""Operations between the loss and the tensor that are written out; more fill no page that a
person reads."""


@dataclass(slots=True, eq=False)
class Recorded:
    """One operation that autograd recorded, or a leaf.

    Attributes:
        node: Autograd's own node.
        name: As PyTorch names it: `AddmmBackward0`, `torch::autograd::AccumulateGrad`.
        kind: Without PyTorch's suffix: `Addmm`.
        inputs: Index of the operation that made each input; None for what has no gradient.
        slots: Which of that operation's outputs the input is.
        shapes: Of its outputs.
        on_way: Whether it lies on a way from the loss to a tensor asked about.
        leaf: The tensor, of a leaf.
    """

    node: Any
    name: str
    kind: str
    inputs: tuple[int | None, ...]
    slots: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    on_way: bool = False
    leaf: Tensor | None = None


@dataclass(slots=True, eq=False)
class Walk:
    """The part of a graph that concerns some tensors.

    Attributes:
        operations: In the order of evaluation: an operation's inputs come before it.
        output: Index of the operation that made the loss; the last.
        wrt: For each tensor asked about, the index of its operation and which output it is.
        consumers: For each operation on a way: those that use it, as (index, input).
        every_consumer: The same, of all operations of the graph, on a way or not.
    """

    operations: list[Recorded]
    output: int
    wrt: list[tuple[int, int]]
    consumers: list[list[tuple[int, int]]]
    every_consumer: list[list[tuple[Any, int]]]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """(index, input) of every edge on a way, nearest the loss first."""
        return [
            (i, j)
            for i in reversed(range(len(self.operations)))
            for j, source in enumerate(self.operations[i].inputs)
            if source is not None and self.on_edge(i, source)
        ]

    def on_edge(self, target: int, source: int) -> bool:
        """Whether the way from one operation to an input of it leads to a tensor asked about."""
        return self.operations[target].on_way and self.operations[source].on_way


def walk(loss: Tensor, wrt: Sequence[Tensor], names: Sequence[str]) -> Walk:
    """Everything between a loss and some tensors.

    Raises:
        ExplanationError: If no way leads to one of the tensors, or too many operations do.
    """
    ends = [get_gradient_edge(tensor) for tensor in wrt]
    order = _evaluation_order(loss.grad_fn)
    reaches: dict[Any, bool] = {}
    wanted = {edge.node for edge in ends}
    for node in order:
        following = any(reaches[n] for n, _ in node.next_functions if n is not None)
        reaches[node] = following or node in wanted
    for edge, name in zip(ends, names, strict=True):
        if edge.node not in reaches:
            raise ExplanationError(_unreachable(name))
    # below a tensor asked about nothing is shown, unless another one lies there
    opened = {n for n in order if any(reaches[m] for m, _ in n.next_functions if m is not None)}
    if len(opened) > MOST_OPERATIONS:
        raise ExplanationError(
            f"{len(opened):,} operations lie between the loss and {names[0]}; up to "
            f"{MOST_OPERATIONS} are written out. Ask about a tensor nearer to the loss, such as a "
            "weight of the last layers or an activation that you keep in a variable; "
            "`chainrule run` measures the factors of a whole model."
        )
    shown = {m for node in opened for m, _ in node.next_functions if m is not None}
    kept = [node for node in order if node in shown or reaches[node]]
    index = {node: i for i, node in enumerate(kept)}
    operations = [_recorded(node, index, reaches[node], node in opened) for node in kept]
    consumers: list[list[tuple[int, int]]] = [[] for _ in kept]
    for i, recorded in enumerate(operations):
        for j, source in enumerate(recorded.inputs):
            if source is not None and recorded.on_way and operations[source].on_way:
                consumers[source].append((i, j))
    every: list[list[tuple[Any, int]]] = [[] for _ in kept]
    for node in order:
        for j, (following, _) in enumerate(node.next_functions):
            if following in index:
                every[index[following]].append((node, j))
    ways = [(index[edge.node], edge.output_nr) for edge in ends]
    return Walk(operations, index[loss.grad_fn], ways, consumers, every)


def _recorded(node: Any, index: dict[Any, int], on_way: bool, opened: bool) -> Recorded:
    name = node.name()
    leaf = getattr(node, "variable", None) if name.endswith("AccumulateGrad") else None
    shapes = tuple(tuple(int(n) for n in meta.shape) for meta in node._input_metadata)
    following = node.next_functions if opened else ()
    return Recorded(
        node,
        name,
        operation(name),
        tuple(index.get(n) if n is not None else None for n, _ in following),
        tuple(slot for _, slot in following),
        (tuple(leaf.shape),) if leaf is not None else shapes,
        on_way,
        leaf,
    )


def _evaluation_order(root: Any) -> list[Any]:
    """All nodes below one, inputs before what uses them; without recursion."""
    order: list[Any] = []
    seen: set[Any] = {root}
    stack: list[tuple[Any, int]] = [(root, 0)]
    while stack:
        node, position = stack.pop()
        following = node.next_functions
        while position < len(following):
            child = following[position][0]
            position += 1
            if child is not None and child not in seen:
                seen.add(child)
                stack.append((node, position))
                stack.append((child, 0))
                break
        else:
            order.append(node)
    return order


def _unreachable(name: str) -> str:
    return (
        f"No way leads from the loss to {name}: the loss was computed without it, or the way was "
        "cut by detach(), .data, .item(), torch.no_grad() or a new tensor made of its numbers. "
        f"Pass the very tensor that the forward pass used (not a slice or a copy of {name} made "
        "since; `entry` picks one of its numbers), and keep the operations in between "
        "differentiable."
    )
