"""What lies behind a tensor in autograd's graph: its parameters, and what it was made by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from chainrule.observer.structure import is_leaf
from chainrule.records import kind_of, operation

MOST_NODES = 20_000
"""Nodes walked from one tensor; a graph with more is looked at in part."""

MOST_PARAMETERS = 64
"""Parameters named behind one cut."""

_MOST_AFTER = 8  # operations between a layer and a loss: more say nothing more
_LONGEST = 64  # nodes followed to find them
_THROUGH = 8  # views between a weight and its product

Index = Callable[[Tensor], int | None]


def parameters_behind(t: Tensor, index: Index) -> tuple[int, ...]:
    """Numbers of the parameters that a tensor depends on, itself included, at most 64."""
    if t.grad_fn is None:
        own = index(t) if t.requires_grad else None
        return () if own is None else (own,)
    found: dict[int, None] = {}
    waiting: list[Any] = [t.grad_fn]
    met = {t.grad_fn}
    for node in waiting:  # grows while it is walked
        if len(met) > MOST_NODES or len(found) >= MOST_PARAMETERS:
            break
        for following, _ in node.next_functions:
            if following is None or following in met:
                continue
            met.add(following)
            if not is_leaf(following.name()):
                waiting.append(following)
            elif (number := index(following.variable)) is not None:
                found[number] = None
    return tuple(found)[:MOST_PARAMETERS]


def weight_index(t: Tensor, index: Index) -> int | None:
    """The number of the parameter that a tensor is, or is a view or a cast copy of."""
    if not t.requires_grad:
        return None
    if t.grad_fn is None:
        return index(t)
    node: Any = t.grad_fn
    for _ in range(_THROUGH):
        if is_leaf(node.name()):
            return index(node.variable)
        if kind_of(operation(node.name())) != "structure":
            return None
        following = [n for n, _ in node.next_functions if n is not None]
        if len(following) != 1:
            return None
        node = following[0]
    return None


def operations_after_layer(t: Tensor) -> tuple[str, ...]:
    """What was done to the output of the last layer to make a tensor, the last operation first."""
    node: Any = t.grad_fn
    found: list[str] = []
    for _ in range(_LONGEST):
        if node is None or len(found) >= _MOST_AFTER:
            break
        name = operation(node.name())
        kind = kind_of(name)
        if kind in ("weight", "parameter"):
            break
        if kind != "structure":
            found.append(name)
        node = next(
            (n for n, _ in node.next_functions if n is not None and not is_leaf(n.name())), None
        )
    return tuple(found)


@dataclass(slots=True)
class Reached:
    """What a backward pass reaches.

    Attributes:
        calls: Sequence numbers of the operations.
        near: Of these, those with no layer between them and the loss.
        leaves: The leaves.
        right: Identities of leaves that are the right-hand side of a matrix product as they are.
    """

    calls: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)
    leaves: dict[int, Tensor] = field(default_factory=dict)
    right: set[int] = field(default_factory=set)


_RIGHT = {"Mm": 1, "Bmm": 1, "Addmm": 2, "Baddbmm": 2}
"""Products, and which of their inputs sums over its last axis but one."""


def reached_from(roots: Iterable[Any]) -> Reached:
    """What a backward pass from some nodes reaches."""
    found = Reached()
    waiting: list[tuple[Any, bool]] = [(root, True) for root in roots]
    met: set[Any] = set()
    near_met: set[Any] = set()
    for node, near in waiting:  # grows while it is walked; nearness comes first, breadth first
        if node in near_met or (node in met and not near) or len(met) > MOST_NODES:
            continue
        met.add(node)
        name = node.name()
        if is_leaf(name):
            found.leaves[id(node.variable)] = node.variable
            continue
        number = node._sequence_nr()
        found.calls.add(number)
        kind = operation(name)
        if near:
            near_met.add(node)
            found.near.add(number)
        near = near and kind_of(kind) != "weight"
        right = _RIGHT.get(kind, -1)
        for i, (following, _) in enumerate(node.next_functions):
            if following is None:
                continue
            if i == right and is_leaf(following.name()):
                found.right.add(id(following.variable))
            waiting.append((following, near))
    return found
