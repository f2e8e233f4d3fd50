"""One backward pass, every node of its graph hooked: the factors ∂y/∂z with their real sizes.

For a node k with gradient g received and Jᵀg passed to input j, the gain is γ = ‖Jᵀg‖ / ‖g‖. A
value with several consumers receives the sum of their contributions: the merge μ = ‖g_total‖ /
‖g_contribution‖. Along any path from L to w the product telescopes, so that

    ‖∂L/∂w‖ = ‖seed‖ · Π γ · Π μ        exactly.

A contribution that is the only one equals the gradient its target receives, so it is measured
once, at the target; only at merges is it measured at its source as well.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from chainrule import _guard
from chainrule.records import LARGEST_DERIVATIVE, NEVER_RAN, operation

from . import modes
from .activations import Derivatives
from .norms import Norm, combined, norm, resolve

_OUTPUT = {"Sigmoid": "_saved_result", "Tanh": "_saved_result", "Relu": "_saved_result"}
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
        twin: For each edge, True if it is the only contribution to its target.
        activations: Kind and unit axis of each node that is an elementwise activation.
        passed_by: The activation whose outgoing gradient is all that a node receives.
        before: Whether a node needs a hook before it runs.
        after: Whether it needs one after it has run.
        equal: For each edge, True if its source only rearranges: ‖Jᵀg‖ = ‖g‖ exactly.
    """

    names: tuple[str, ...]
    edges: tuple[tuple[int, int, int, int], ...]
    measured_edges: list[tuple[tuple[int, int], ...]]
    twin: list[bool]
    activations: list[tuple[str, int] | None]
    passed_by: list[int | None]
    before: list[bool]
    after: list[bool]
    equal: list[bool]


_structures: dict[tuple[object, ...], Structure] = {}
_MOST_STRUCTURES = 256


def walk(roots: Sequence[Any]) -> tuple[list[Any], Structure]:
    """All nodes reached from the roots, breadth first, and their structure (cached)."""
    order: list[Any] = []
    index: dict[Any, int] = {}
    for root in roots:
        if root not in index:
            index[root] = len(order)
            order.append(root)
    names: list[str] = []
    edges: list[tuple[int, int, int, int]] = []
    for i, node in enumerate(order):  # grows while it is walked
        names.append(node.name())
        for j, (following, slot) in enumerate(node.next_functions):
            if following is None:
                continue
            k = index.get(following)
            if k is None:
                k = index[following] = len(order)
                order.append(following)
            edges.append((i, k, j, slot))
    key = (len(roots), tuple(names), tuple(edges))
    structure = _structures.get(key)
    if structure is None:
        if len(_structures) >= _MOST_STRUCTURES:
            _structures.clear()
        structure = _structures[key] = _plan(tuple(names), tuple(edges), len(roots))
    return order, structure


def _plan(
    names: tuple[str, ...], edges: tuple[tuple[int, int, int, int], ...], roots: int
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
    after = [
        bool(at[i]) or (activations[i] is not None and i not in alone) for i in range(len(names))
    ]
    before, equal = [True] * len(names), [False] * len(edges)
    for e, (source, target, _, _) in enumerate(edges):
        if twin[e] and operation(names[source]) in _ISOMETRIC and activations[target] is None:
            before[target], equal[e] = False, True
    return Structure(
        names,
        edges,
        [tuple(pairs) for pairs in at],
        twin,
        activations,
        passed_by,
        before,
        after,
        equal,
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


class BackwardRecorder:
    """Hooks every node for one backward pass and keeps what they measure.

    Attributes:
        order: The nodes; emptied by `detach`, so that no graph outlives its pass.
        structure: Their structure.
        leaves: The tensor of each leaf node.
        ran: Indices of hooked nodes in the order in which they ran.
        nested: Passes run inside a node of this one (reentrant checkpointing): `(node, pass)`.
        own_s: Seconds spent inside the hooks.
        totals: ‖∂L/∂w‖ by tensor identity, for leaves that nested passes may reach as well.
    """

    def __init__(
        self,
        roots: Sequence[Any],
        seeds: Sequence[Tensor | None],
        *,
        accumulates: bool,
        partial_graph: bool,
        may_read_saved: bool,
        hide: bool = False,
    ) -> None:
        self.order, self.structure = walk(roots)
        self.accumulates = accumulates
        self.loss: Norm = float("nan")
        self.scale = 1.0
        self.in_closure = False
        self.roots = len(dict.fromkeys(roots))
        self.seed_norms: list[Norm] = [1.0 if s is None else norm(s) for s in seeds]
        self.ran: list[int] = []
        self.nested: list[tuple[int, BackwardRecorder]] = []
        self.totals: dict[int, float] = {}
        self.own_s = 0.0
        self._gradients_before: dict[int, tuple[Tensor, Tensor | None]] = {}
        self.derivatives: Derivatives | None = None
        count = len(self.order)
        self.node_norms: list[Norm] = [NEVER_RAN] * count
        self.edge_norms: list[Norm] = [NEVER_RAN] * len(self.structure.edges)
        self.numels = [0] * count
        self._may_read_saved = may_read_saved
        self._hide = hide
        self._handles: list[Any] = []
        structure = self.structure
        self.leaves = {
            i: self.order[i].variable for i, name in enumerate(structure.names) if is_leaf(name)
        }
        self._edges_at = structure.measured_edges
        if partial_graph:  # a node that only hands its gradient out never runs: measure all edges
            every: list[list[tuple[int, int]]] = [[] for _ in self.order]
            for e, (source, _, j, _) in enumerate(structure.edges):
                every[source].append((j, e))
            self._edges_at = [tuple(pairs) for pairs in every]
        add = self._handles.append
        for i, node in enumerate(self.order):
            # a hook before the node holds nothing; one after it keeps its gradients alive longer
            if partial_graph or structure.before[i]:
                add(node.register_prehook(partial(self._receive, i)))
            if partial_graph or structure.after[i]:
                add(node.register_hook(partial(self._pass_on, i)))
            if partial_graph and i in self.leaves:
                add(self.leaves[i].register_hook(partial(self._captured, i)))

    def _receive(self, i: int, received: tuple[Any, ...]) -> None:
        began = time.perf_counter()
        try:
            if self._hide:
                with modes.unseen():
                    self._measure_received(i, received)
            else:
                self._measure_received(i, received)
        except Exception as error:
            _guard.report("measuring a node of the graph", error)
        self.own_s += time.perf_counter() - began

    def _measure_received(self, i: int, received: tuple[Any, ...]) -> None:
        self.ran.append(i)
        if len(received) == 1 and received[0] is not None:
            g = received[0]
            self.node_norms[i] = norm(g)
            self.numels[i] = g.numel()
        else:
            total = combined(received)
            if total is not None:
                self.node_norms[i] = total
                self.numels[i] = sum(g.numel() for g in received if g is not None)
        g = received[0]
        if g is None:
            return
        if self.structure.activations[i] is not None:
            self._activation(i, g)
        before = self.structure.passed_by[i]
        if before is not None and self.derivatives is not None:
            self.derivatives.passed(before, g)

    def _pass_on(self, i: int, passed: tuple[Any, ...], received: tuple[Any, ...]) -> None:
        began = time.perf_counter()
        try:
            with modes.unseen():
                self._measure_passed(i, passed)
        except Exception as error:
            _guard.report("measuring a node of the graph", error)
        self.own_s += time.perf_counter() - began

    def _measure_passed(self, i: int, passed: tuple[Any, ...]) -> None:
        for j, e in self._edges_at[i]:
            contribution = passed[j]
            if contribution is not None:
                self.edge_norms[e] = norm(contribution)
        if (
            self.structure.activations[i] is not None
            and self.derivatives is not None
            and passed[0] is not None
        ):
            self.derivatives.passed(i, passed[0])

    def _activation(self, i: int, received: Tensor) -> None:
        kind, axis = self.structure.activations[i] or ("", -1)
        output = None
        if self._may_read_saved and kind in _OUTPUT:
            try:
                output = getattr(self.order[i], _OUTPUT[kind], None)
            except RuntimeError:  # modified in place since: its values are no longer there
                output = None
        if self.derivatives is None:
            count = sum(1 for a in self.structure.activations if a is not None)
            self.derivatives = Derivatives(count, received.device)
        self.derivatives.received(i, kind, received, axis, output)

    def _captured(self, i: int, gradient: Tensor) -> None:
        try:
            with modes.unseen():
                self.node_norms[i] = norm(gradient)
            self.numels[i] = gradient.numel()
        except Exception as error:
            _guard.report("measuring a captured gradient", error)

    def remember_gradients(self, leaves: Iterable[Tensor]) -> None:
        """Keep `.grad` of leaves that several passes may add to, from before the first does."""
        for leaf in leaves:
            if id(leaf) not in self._gradients_before:
                kept = None if leaf.grad is None else leaf.grad.detach().clone()
                self._gradients_before[id(leaf)] = (leaf, kept)

    def compare_gradients(self) -> None:
        """Measure what all passes together have added to the leaves that were remembered."""
        for key, (leaf, before) in self._gradients_before.items():
            if leaf.grad is not None:
                now = leaf.grad.detach()
                self.totals[key] = resolve([norm(now if before is None else now - before)])[0]
        self._gradients_before.clear()

    def detach(self) -> None:
        """Remove every hook, whether or not backward succeeded."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        for leaf in self.leaves.values():
            if leaf._backward_hooks is not None and not leaf._backward_hooks:
                leaf._backward_hooks = None  # as it was before we hooked it

    def release(self) -> None:
        """Let go of the graph."""
        self.order = []

    def settle(self) -> None:
        """Bring the norms to the host and fill in those measured on the other side of an edge."""
        nodes, edges = resolve(self.node_norms), resolve(self.edge_norms)
        sizes, structure = self.numels, self.structure
        for e, (source, target, _, _) in enumerate(structure.edges):  # sources come first
            if not structure.twin[e]:
                continue
            if structure.equal[e] and nodes[target] == NEVER_RAN:
                nodes[target], sizes[target] = nodes[source], sizes[source]
            if edges[e] == NEVER_RAN:
                edges[e] = nodes[target]
            elif nodes[target] == NEVER_RAN:
                nodes[target] = edges[e]
                leaf = self.leaves.get(target)
                sizes[target] = leaf.numel() if leaf is not None else 0
        self.node_norms, self.edge_norms = list(nodes), list(edges)
        for _, inner in self.nested:
            inner.settle()


def current_node(recorder: BackwardRecorder) -> int | None:
    """Index of the node whose backward is running now, if it belongs to the recorder's graph."""
    node: Any = torch._C._current_autograd_node()
    if node is None:
        return None
    try:
        return recorder.order.index(node)
    except ValueError:
        return None


def root_of(output: Any) -> Any:
    """The node that a backward pass starts from; None for a leaf without one."""
    if isinstance(output, Tensor):
        return output.grad_fn
    return getattr(output, "node", None)
