"""One backward pass, every node of its graph hooked: the factors ∂y/∂z with their real sizes.

For a node k with gradient g received and Jᵀg passed to input j, the gain is γ = ‖Jᵀg‖ / ‖g‖. A
value with several consumers receives the sum of their contributions: the merge μ = ‖g_total‖ /
‖g_contribution‖. Along any path from L to w the product telescopes, so that

    ‖∂L/∂w‖ = ‖seed‖ · Π γ · Π μ        exactly.

A contribution that is the only one equals the gradient its target receives, so it is measured
once, at the target; only at merges is it measured at its source as well.
"""

import time
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import get_gradient_edge
from torch.utils.hooks import RemovableHandle

from chainrule import _guard
from chainrule.records import NEVER_RAN

from . import modes
from .activations import Derivatives
from .norms import Norm, combined, norm, norms, resolve
from .saved_tensors import read
from .structure import walk
from .updates import Arrived

_OUTPUT = "_saved_result"  # of Sigmoid, Tanh and Relu: what they returned

_hooks_known = -1
"""PyTorch's count of all hooks after those of the pass measured last. If there are more, the script
may have hooked a tensor between two nodes, and each is asked for itself what it receives."""


class BackwardRecorder:
    """Hooks every node for one backward pass and keeps what they measure.

    Attributes:
        order: The nodes; emptied by `detach`, so that no graph outlives its pass.
        structure: Their structure.
        leaves: The tensor of each leaf node.
        ran: Indices of hooked nodes in the order in which they ran.
        nested: Passes run inside a node of this one (reentrant checkpointing): `(node, pass)`.
        own_s: Seconds spent inside the hooks.
        arrived: By identity of a leaf the gradient that was measured as its `.grad`, its version
            then, and its norm.
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
        inside: bool = False,
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
        self.arrived: Arrived = {}
        self.own_s = 0.0
        self._gradients_before: dict[int, tuple[Tensor, Tensor | None]] = {}
        self.derivatives: Derivatives | None = None
        if may_read_saved and self.structure.outputs:
            self._prepare_activations()
        count = len(self.order)
        self.node_norms: list[Norm] = [NEVER_RAN] * count
        self.edge_norms: list[Norm] = [NEVER_RAN] * len(self.structure.edges)
        self.numels = [0] * count
        self._hide = hide
        self._handles: list[Any] = []
        global _hooks_known
        quiet = RemovableHandle.next_id == _hooks_known
        structure = self.structure
        order = self.order
        self.leaves = {i: order[i].variable for i, _ in structure.leaves}
        self._unread: list[tuple[int, int, Tensor]] = []
        self._hooked_leaves = partial_graph
        self._edges_at = structure.measured_edges
        if partial_graph:
            self._hook_all()
            return
        add = self._handles.append
        readable = accumulates and not inside and not structure.reentrant and not _reduced()
        for i, at in structure.leaves:
            if at is None:
                continue
            if readable and _starts_empty(leaf := self.leaves[i]):
                self._unread.append((i, at, leaf))
            else:
                add(order[at].register_prehook(partial(self._receive, at)))
        for i in structure.before:
            # a hook before the node holds nothing; one after it keeps its gradients alive longer
            add(order[i].register_prehook(partial(self._receive, i)))
        for i, target in structure.through:
            if quiet:  # an elementwise operation holds what it receives until it is done anyway
                add(order[i].register_hook(partial(self._pass_through, i, target)))
            else:
                add(order[i].register_prehook(partial(self._receive, i)))
                add(order[target].register_prehook(partial(self._receive, target)))
        for i in structure.after:
            add(order[i].register_hook(partial(self._pass_on, i)))
        _hooks_known = RemovableHandle.next_id

    def _hook_all(self) -> None:
        """A node that only hands its gradient out never runs: measure all edges."""
        every: list[list[tuple[int, int]]] = [[] for _ in self.order]
        for e, (source, _, j, _) in enumerate(self.structure.edges):
            every[source].append((j, e))
        self._edges_at = [tuple(pairs) for pairs in every]
        add = self._handles.append
        for i, node in enumerate(self.order):
            add(node.register_prehook(partial(self._receive, i)))
            add(node.register_hook(partial(self._pass_on, i)))
            if i in self.leaves:
                add(self.leaves[i].register_hook(partial(self._captured, i)))

    def read_gradients(self) -> None:
        """The pass is over: what it brought to leaves that had no gradient is their `.grad`."""
        arrived = [(i, at, g) for i, at, leaf in self._unread if (g := leaf.grad) is not None]
        gradients = [g for _, _, g in arrived]
        on_host = bool(gradients) and gradients[0].is_cpu
        found: Sequence[Norm] = norms(gradients) if on_host else [norm(g) for g in gradients]
        for (i, at, g), value in zip(arrived, found, strict=True):
            self.node_norms[i] = self.node_norms[at] = value
            self.numels[i] = self.numels[at] = g.numel()
            if not isinstance(value, float):
                continue
            try:
                version = g._version
            except RuntimeError:  # made in inference mode, where changes are not counted
                continue
            self.arrived[id(self.leaves[i])] = weakref.ref(g), version, value
        self._unread.clear()

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
        activation = self.structure.activations[i]
        if activation is not None:
            kind, axis = activation
            if self.derivatives is None:
                self.derivatives = Derivatives()
            self.derivatives.received(i, kind, g, axis)
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

    def _pass_through(
        self, i: int, target: int, passed: tuple[Any, ...], received: tuple[Any, ...]
    ) -> None:
        began = time.perf_counter()
        try:
            if self._hide:
                with modes.unseen():
                    self._measure_through(i, target, passed, received)
            else:
                self._measure_through(i, target, passed, received)
        except Exception as error:
            _guard.report("measuring a node of the graph", error)
        self.own_s += time.perf_counter() - began

    def _measure_through(
        self, i: int, target: int, passed: tuple[Any, ...], received: tuple[Any, ...]
    ) -> None:
        g = passed[0]
        if g is not None:
            self.node_norms[target] = norm(g)
            self.numels[target] = g.numel()
        self._measure_received(i, received)
        if g is not None:
            self.ran.append(target)
            if self.derivatives is not None:
                self.derivatives.passed(i, g)

    def _prepare_activations(self) -> None:
        self.derivatives = derivatives = Derivatives()
        for i, kind, axis in self.structure.outputs:
            try:
                output = read(self.order[i], _OUTPUT)
                if output is not None:
                    derivatives.prepare(i, kind, output, axis)
            except Exception as error:
                _guard.report("reading an activation's values", error)

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
        if self._hooked_leaves:
            for leaf in self.leaves.values():
                if leaf._backward_hooks is not None and not leaf._backward_hooks:
                    leaf._backward_hooks = None  # as it was before we hooked it

    def release(self) -> None:
        """Let go of the graph."""
        self.order = []

    def settle(self) -> None:
        """Bring the norms to the host and fill in those measured on the other side of an edge."""
        nodes, edges = resolve(self.node_norms), resolve(self.edge_norms)
        sizes = self.numels
        for e, source, target, equal in self.structure.twins:  # sources come first
            if equal and nodes[target] == NEVER_RAN:
                nodes[target], sizes[target] = nodes[source], sizes[source]
            if edges[e] == NEVER_RAN:
                edges[e] = nodes[target]
            elif nodes[target] == NEVER_RAN:
                nodes[target] = edges[e]
                leaf = self.leaves.get(target)
                sizes[target] = leaf.numel() if leaf is not None else 0
        self.node_norms, self.edge_norms = [*nodes], [*edges]
        for _, inner in self.nested:
            inner.settle()


def _starts_empty(leaf: Tensor) -> bool:
    """True if what a pass brings to a leaf will be its `.grad`, as it was brought."""
    return (
        leaf.grad is None
        and not leaf._backward_hooks
        and not getattr(leaf, "_post_accumulate_grad_hooks", None)
    )


def _reduced() -> bool:
    """True if gradients may be averaged over processes before the pass is over."""
    return torch.distributed.is_available() and torch.distributed.is_initialized()


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


def start_of(output: Any) -> Any:
    """As `root_of`, but of a loss that is itself a leaf the node that fills its `.grad`."""
    if isinstance(output, Tensor) and output.grad_fn is None and output.requires_grad:
        return get_gradient_edge(output).node
    return root_of(output)
