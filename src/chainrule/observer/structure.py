"""The structure of a backward pass: its nodes and edges, and what is measured where.

It is planned once for each shape of graph. A gradient with one source equals what that source
passed on, so one measurement serves both ends of the edge; a node that only rearranges passes on
what it received; and what a leaf receives can be read from its `.grad`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from chainrule.records import LARGEST_DERIVATIVE, operation

from .activations import FROM_OUTPUT

_CHANNELS_FIRST = ("Convolution", "NativeBatchNorm", "CudnnBatchNorm", "NativeGroupNorm", "Mkldnn")
_ISOMETRIC = frozenset(
    [
        "T",
        "View",
        "UnsafeView",
        "ReshapeAlias",
        "Transpose",
        "Permute",
        "Squeeze",
        "Unsqueeze",
        "Alias",
        "Neg",
    ]
)
_LOOK_BACK = 4  # nodes looked through, from an activation, for the layer that says its unit axis


@dataclass(slots=True, eq=False)
class Structure:
    """The nodes and edges of a pass, and what is to be measured where.

    Attributes:
        names: PyTorch's names of the nodes, from the loss outwards.
        edges: `(source, target, input_index, output_slot of the target)`.
        measured_edges: For each node, the `(input_index, edge)` pairs measured at it.
        twins: The edges that are the only contribution to their target, each with source, target,
            and True if the source only rearranges: ‖Jᵀg‖ = ‖g‖ exactly.
        activations: Kind and unit axis of each node that is an elementwise activation.
        outputs: Those of which PyTorch keeps the values, each with kind and unit axis.
        passed_by: The activation whose outgoing gradient is all that a node receives.
        through: Activations, each with the node that receives all that it passes on: one hook after
            the activation measures both.
        before: Nodes that need a hook before they run, but for those of `leaves` and `through`.
        after: Nodes that need one after they have run.
        leaves: The leaf nodes, each with the node at which its gradient is to be measured: itself,
            or one that only rearranges what the leaf receives. None if a node of `before` does.
        reentrant: True if passes run inside nodes of this one (reentrant checkpointing).
        plan: For each node its name, and for each of its inputs the target (None if no gradient
            is wanted there) and its output slot: by it the same graph is known again.
        roots: How many nodes the pass starts from.
    """

    names: tuple[str, ...]
    edges: tuple[tuple[int, int, int, int], ...]
    measured_edges: list[tuple[tuple[int, int], ...]]
    twins: tuple[tuple[int, int, int, bool], ...]
    activations: list[tuple[str, int] | None]
    outputs: tuple[tuple[int, str, int], ...]
    passed_by: list[int | None]
    through: tuple[tuple[int, int], ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    leaves: tuple[tuple[int, int | None], ...]
    reentrant: bool
    plan: tuple[tuple[str, tuple[tuple[int | None, int], ...]], ...]
    roots: int


_LEAF: type = vars(torch._C)["_functions"].AccumulateGrad
_structures: dict[tuple[object, ...], Structure] = {}
_latest: dict[tuple[str, ...], tuple[Structure, list[type | None]]] = {}
"""By the names of the roots, the structure met last, and the types of its nodes: mostly it is the
next one, too. None stands for a type that says little, since many nodes have it, and for one of the
script's, which may be gone in the next step."""
_MOST_STRUCTURES = 256


def walk(roots: Sequence[Any]) -> tuple[list[Any], Structure]:
    """All nodes reached from the roots, breadth first, and their structure (cached)."""
    roots = list(dict.fromkeys(roots))
    begins = tuple([root.name() for root in roots])
    if begins in _latest:
        structure, types = _latest[begins]
        followed = _follow(roots, structure, types)
        if followed is not None:
            return followed, structure
    order, structure = _explore(roots)
    _latest[begins] = structure, list(map(_telling_type, order, structure.names))
    return order, structure


def _telling_type(node: Any, name: str) -> type | None:
    """PyTorch's type of a node, if all nodes of it have one name: it is known in half the time."""
    kind = type(node)
    custom = issubclass(kind, torch._C._FunctionBase)  # an `autograd.Function`
    return kind if name.endswith(kind.__name__) and not custom else None


def _follow(roots: list[Any], structure: Structure, types: list[type | None]) -> list[Any] | None:
    """The nodes reached from the roots if graph and names are those of a structure; else None."""
    order = list(roots)
    expected = structure.plan
    if len(order) != structure.roots:
        return None
    for i, node in enumerate(order):  # grows while it is walked
        if i == len(expected):
            return None
        (name, targets), kind = expected[i], types[i]
        if type(node) is not kind and (kind is not None or node.name() != name):
            return None
        if kind is _LEAF:
            continue
        following = node.next_functions
        if len(following) != len(targets):
            return None
        for (next_node, slot), (target, expected_slot) in zip(following, targets, strict=True):
            if next_node is None or slot != expected_slot:
                if next_node is None and target is None:
                    continue
                return None
            if target == len(order):
                order.append(next_node)
            elif target is None or target > len(order) or order[target] is not next_node:
                return None
    return order if len(order) == len(expected) == len(set(order)) else None


def _explore(roots: list[Any]) -> tuple[list[Any], Structure]:
    order = list(roots)
    index: dict[Any, int] = {root: i for i, root in enumerate(roots)}
    names: list[str] = []
    edges: list[tuple[int, int, int, int]] = []
    plan: list[tuple[str, tuple[tuple[int | None, int], ...]]] = []
    for i, node in enumerate(order):  # grows while it is walked
        names.append(node.name())
        targets: list[tuple[int | None, int]] = []
        for j, (following, slot) in enumerate(node.next_functions):
            if following is None:
                targets.append((None, slot))
                continue
            k = index.get(following)
            if k is None:
                k = index[following] = len(order)
                order.append(following)
            edges.append((i, k, j, slot))
            targets.append((k, slot))
        plan.append((names[-1], tuple(targets)))
    key = (len(roots), tuple(plan))
    structure = _structures.get(key)
    if structure is None:
        if len(_structures) >= _MOST_STRUCTURES:
            _structures.clear()
            _latest.clear()
        structure = _structures[key] = _plan(tuple(names), tuple(edges), tuple(plan), len(roots))
    return order, structure


def _plan(
    names: tuple[str, ...],
    edges: tuple[tuple[int, int, int, int], ...],
    plan: tuple[tuple[str, tuple[tuple[int | None, int], ...]], ...],
    roots: int,
) -> Structure:
    arriving = [0] * len(names)
    for root in range(min(roots, len(names))):
        arriving[root] += 1  # the seed
    for _, target, _, _ in edges:
        arriving[target] += 1
    twin = [arriving[target] == 1 for _, target, _, _ in edges]
    at: list[list[tuple[int, int]]] = [[] for _ in names]
    following: list[list[int]] = [[] for _ in names]
    for e, (source, target, j, _) in enumerate(edges):
        following[source].append(target)
        if not twin[e]:
            at[source].append((j, e))
    activations: list[tuple[str, int] | None] = []
    for i, name in enumerate(names):
        kind = operation(name)
        known = kind in LARGEST_DERIVATIVE and "Backward" in name
        activations.append((kind, _unit_axis(i, names, following)) if known else None)
    passed_by: list[int | None] = [None] * len(names)
    alone = set()
    for e, (source, target, j, _) in enumerate(edges):
        if twin[e] and j == 0 and activations[source] is not None:
            passed_by[target] = source
            alone.add(source)
    after = tuple(
        i for i in range(len(names)) if at[i] or (activations[i] is not None and i not in alone)
    )
    before, equal = set(range(len(names))), [False] * len(edges)
    rearranged: dict[int, int] = {}
    for e, (source, target, _, _) in enumerate(edges):
        if twin[e] and operation(names[source]) in _ISOMETRIC and activations[target] is None:
            equal[e] = True
            before.discard(target)
            rearranged[target] = source
    through: list[tuple[int, int]] = []
    for target, by in enumerate(passed_by):
        if by is None or activations[target] is not None or is_leaf(names[target]):
            continue
        if before >= {by, target} and by not in after:
            through.append((by, target))
            before -= {by, target}
    leaves: list[tuple[int, int | None]] = []
    for i in (i for i, name in enumerate(names) if is_leaf(name)):
        measured_at = rearranged.get(i, i)
        alike = measured_at == i or len(following[measured_at]) == 1
        if measured_at in before and alike and passed_by[measured_at] is None:
            before.discard(measured_at)
            leaves.append((i, measured_at))
        else:
            leaves.append((i, None))
    return Structure(
        names,
        edges,
        [tuple(pairs) for pairs in at],
        tuple([(e, s, t, equal[e]) for e, (s, t, _, _) in enumerate(edges) if twin[e]]),
        activations,
        tuple(
            [
                (i, *known)
                for i, known in enumerate(activations)
                if known and known[0] in FROM_OUTPUT
            ]
        ),
        passed_by,
        tuple(through),
        tuple(sorted(before)),
        after,
        tuple(leaves),
        "CheckpointFunctionBackward" in names,
        plan,
        roots,
    )


def is_leaf(name: str) -> bool:
    """True for the node that adds a gradient to a leaf's `.grad`."""
    return name.endswith("AccumulateGrad")


def _unit_axis(node: int, names: tuple[str, ...], following: list[list[int]]) -> int:
    """1 if the activation follows a convolution or batch norm, else the last axis."""
    for _ in range(_LOOK_BACK):
        nexts = [n for n in following[node] if not is_leaf(names[n])]
        if not nexts:
            break
        node = nexts[0]
        if names[node].startswith(_CHANNELS_FIRST):
            return 1
    return -1
