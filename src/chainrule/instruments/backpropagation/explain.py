"""`explain_loss`: a loss of the caller's own program, differentiated with the numbers of its model.

The question it answers: how does ∂L/∂w of *this* model come about, operation by operation?
"""

import math
from collections.abc import Mapping, Sequence

from torch import Tensor

from chainrule.calculus.paths import edge_name, listed_paths, ways_to
from chainrule.instruments.chain import Chain
from chainrule.records import NEVER_RAN, BackwardPass, Edge, Factor, Graph, Node, Place
from chainrule.records.dependency_graph import DependencyEdge, DependencyGraph, DependencyNode
from chainrule.records.loss_explanation import EntryStep, LossExplanation

from .asked import check, entry_asked, tensors_asked
from .entries import Entries
from .errors import UNWRITABLE
from .figures import figure
from .forward import Forward
from .kinks import kink_notes
from .local import Local
from .measure import Measured, measure
from .naming import Names, calling_frame
from .nonfinite import first_nonfinite
from .operations.rule import Index, unflat
from .saved import exact
from .sizes import norm
from .sums import check_sums
from .walk import Walk, walk


def explain_loss(
    loss: Tensor,
    wrt: Tensor | Sequence[Tensor],
    *,
    entry: int | Sequence[int] | None = None,
    names: Mapping[str, Tensor] | None = None,
) -> LossExplanation:
    """Backpropagation from a loss to a tensor, as equations with the numbers of this model.

    The loss, every `.grad`, the graph and the random streams are left as they are; hooks that were
    put on tensors of the graph are called once, as by `torch.autograd.grad`.

    Args:
        loss: One number with a graph; it must not have been freed by `backward()`.
        wrt: The tensor to differentiate by, or several: parameters, inputs that require a gradient,
            or activations in between.
        entry: Which entry of (the first) `wrt` to work out; that with the largest gradient if not
            given.
        names: What tensors are called, such as `dict(model.named_parameters())`; without it the
            names of the variables around the call are used.

    Returns:
        The record; every number in it that has two sources was compared, and where they differ a
        note says so.

    Raises:
        ExplanationError: If the loss or a tensor is not of the kind described, or no way leads from
            one to the other.

    Cost: about one backward pass and 0.3 ms an operation; a tensor on the way is copied only where
    a number of it is shown.
    """
    known = Names(names, calling_frame())
    tensors = tensors_asked(wrt)
    labels = [known.leaf(tensor) or f"wrt[{k}]" for k, tensor in enumerate(tensors)]
    if len(tensors) == 1 and labels == ["wrt[0]"]:
        labels = ["wrt"]
    check(loss, tensors, labels)
    chosen = None if entry is None else entry_asked(entry, tensors[0], labels[0])
    walked = walk(loss, tensors, labels)
    measured = measure(loss, tensors, labels, walked)
    forward = Forward(walked, known, loss)
    return _Assembly(walked, measured, forward, tensors, loss).explanation(chosen)


class _Assembly:
    """Puts the record together."""

    def __init__(
        self,
        walked: Walk,
        measured: Measured,
        forward: Forward,
        tensors: Sequence[Tensor],
        loss: Tensor,
    ) -> None:
        self._walk, self._measured, self._forward = walked, measured, forward
        self._tensors, self._loss = tensors, loss
        self._notes: list[str] = []
        self.scalar = all(
            math.prod(shape) == 1
            for recorded in walked.operations
            if recorded.on_way
            for shape in recorded.shapes
        )
        self._nodes: list[DependencyNode] = []
        self._id: dict[int, int] = {}
        self._wrt = {index for index, _ in walked.wrt}
        self._gradient = {
            index: gradient
            for (index, _), gradient in zip(walked.wrt, measured.gradients, strict=True)
        }

    def explanation(self, entry: Index | None) -> LossExplanation:
        """The whole record."""
        self._add_nodes()
        visits = self._visits()
        local = Local(self._forward, self._measured)
        edges, ids = self._edges(visits, local)
        graph = self._graph(edges, visits, local)
        labels = [self._nodes[self._id[index]].label for index, _ in self._walk.wrt]
        first, slot = self._walk.wrt[0]
        gradient = self._measured.gradients[0]
        entries = Entries(self._forward, self._measured, ids, self._id)
        steps: tuple[EntryStep, ...] = ()
        place: Index | None = None
        if not self.scalar:
            place = entry if entry is not None else _largest(gradient)
            steps = tuple(entries.chain(first, slot, place, gradient))
        checked, doubts = check_sums(self._walk, self._measured, self._forward, graph)
        self._notes += [
            *first_nonfinite(self._forward, self._measured),
            *kink_notes(self._forward, self._measured),
            *local.notes,
            *entries.notes,
            *doubts,
            *self._remarks(),
        ]
        return LossExplanation(
            graph=graph,
            output=self._forward.labels[self._walk.output],
            loss=float(exact(self._loss)),
            scalar=self.scalar,
            dtypes={
                label: str(tensor.dtype).removeprefix("torch.")
                for label, tensor in zip(labels, self._tensors, strict=True)
            },
            norms={
                label: norm(found)
                for label, found in zip(labels, self._measured.gradients, strict=True)
            },
            entry=place,
            entry_was_chosen=entry is None and place is not None,
            steps=steps,
            chain=() if self.scalar else self._principal(graph),
            checked=checked + local.checked + entries.checked,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    # ---- nodes -------------------------------------------------------------------------------

    def _add_nodes(self) -> None:
        constants: set[str] = set()
        for i, recorded in enumerate(self._walk.operations):
            for j, source in enumerate(recorded.inputs):
                if source is None and recorded.on_way:
                    self._add_constant(i, j, constants)
            rule = self._forward.rules[i]
            for j in () if rule is None or not recorded.inputs else sorted(rule.saves.values()):
                if j >= len(recorded.inputs):  # data that is no input of the node
                    self._add_constant(i, j, constants)
            self._id[i] = len(self._nodes)
            self._nodes.append(self._node(i))

    def _add_constant(self, index: int, argument: int, constants: set[str]) -> None:
        label, value = self._forward.constant(index, argument)
        if label in constants or label in self._forward.numbers or label in self._forward.labels:
            return
        if value is None and not self._mentions(index, label):
            return
        constants.add(label)
        if label in self._forward.worked_back and value is not None:
            self._notes.append(
                f"{label} was not kept by PyTorch; {figure(float(exact(value)))} is what it must "
                "have been, by the numbers around it."
            )
        one = value is not None and value.numel() == 1
        self._nodes.append(
            DependencyNode(
                id=len(self._nodes),
                kind="constant",
                operation="",
                label=label,
                expression="",
                value=float(exact(value)) if one and value is not None else None,
                shape=() if value is None else tuple(value.shape),
                norm=None if value is None or one else norm(value),
            )
        )

    def _mentions(self, index: int, label: str) -> bool:
        return label in self._expression(index)

    def _node(self, index: int) -> DependencyNode:
        recorded = self._walk.operations[index]
        leaf = recorded.leaf is not None or (index in self._wrt and not recorded.inputs)
        value = self._forward.value(index)
        one = value is not None and value.numel() == 1
        return DependencyNode(
            id=len(self._nodes),
            kind="input" if leaf else "operation",
            operation="" if recorded.leaf is not None else recorded.name,
            label=self._forward.labels[index],
            expression="" if leaf else self._expression(index),
            value=float(exact(value)) if one and value is not None else None,
            shape=recorded.shapes[0],
            norm=None if value is None or one else norm(value),
            adjoint=self._adjoint(index),
        )

    def _expression(self, index: int) -> str:
        recorded, rule = self._walk.operations[index], self._forward.rules[index]
        operation = self._forward.operations[index]
        if not recorded.inputs:
            label = self._forward.labels[index]
            transposed = recorded.kind == "T" and label.endswith("ᵀ")
            return f"transpose({label[:-1]})" if transposed else f"{recorded.kind}(…)"
        if rule is not None:
            try:
                return rule.expression(operation)
            except UNWRITABLE:
                pass  # named by its kind instead
        inputs = [
            operation.label(j) for j, source in enumerate(recorded.inputs) if source is not None
        ]
        return f"{recorded.kind}({', '.join(inputs)})"

    def _adjoint(self, index: int) -> float | None:
        if index in self._gradient:
            found: tuple[Tensor | None, ...] = (self._gradient[index],)
        else:
            found = self._measured.received.get(index, ())
        parts = [g for g in found if g is not None]
        if not parts:
            return None
        if len(parts) == 1 and parts[0].numel() == 1:
            return float(exact(parts[0]))
        return math.hypot(*(norm(g) for g in parts))

    # ---- edges -------------------------------------------------------------------------------

    def _visits(self) -> list[int]:
        """Operations in autograd's own order; a leaf as soon as all of its gradient is there."""
        order: list[int] = []
        waiting = {
            i: len(self._walk.consumers[i]) for i in self._wrt if i not in self._measured.visits
        }
        for index in self._measured.visits:
            order.append(index)
            for source in self._walk.operations[index].inputs:
                if source in waiting and source is not None:
                    waiting[source] -= 1
                    if waiting[source] == 0:
                        order.append(source)
        return order

    def _edges(
        self, visits: Sequence[int], local: Local
    ) -> tuple[list[DependencyEdge], dict[tuple[int, int], int]]:
        edges: list[DependencyEdge] = []
        ids: dict[tuple[int, int], int] = {}
        for index in visits:
            for argument, source in enumerate(self._walk.operations[index].inputs):
                if source is None or not self._walk.on_edge(index, source):
                    continue
                derivative = local(index, argument)
                ids[index, argument] = len(edges)
                edges.append(
                    DependencyEdge(
                        id=len(edges),
                        source=self._id[source],
                        target=self._id[index],
                        argument=argument,
                        derivative=derivative.text,
                        value=derivative.value,
                        sent=derivative.sent,
                        figures=derivative.figures,
                        name=self._edge_name(index, argument),
                    )
                )
        return edges, ids

    def _edge_name(self, index: int, argument: int) -> str:
        inputs = self._walk.operations[index].inputs
        source = inputs[argument]
        labels = self._forward.labels
        several = inputs.count(source) > 1
        return edge_name(labels[index], labels[source or 0], argument if several else None)

    def _graph(
        self, edges: list[DependencyEdge], visits: Sequence[int], local: Local
    ) -> DependencyGraph:
        output = self._id[self._walk.output]
        inputs = [self._id[index] for index, _ in self._walk.wrt]
        labels = [node.label for node in self._nodes]
        ways = ways_to(edges, output)
        listed = listed_paths(edges, output, {i: ways[i] for i in inputs}, labels)
        if not self.scalar:  # gains do not multiply to a derivative: the merges are missing
            listed = dict.fromkeys(inputs, ())
        reached = self._entries_that_reach()
        counts = [
            local.multiplications(index, j)
            for index in visits
            for j, source in enumerate(self._walk.operations[index].inputs)
            if source is not None and self._walk.on_edge(index, source)
        ]
        uncounted = {edge.target for edge, count in zip(edges, counts, strict=True) if not count}
        if uncounted:
            what = ", ".join(sorted({self._nodes[i].operation for i in uncounted}))
            self._notes.append(
                f"Multiplications inside {what} are not counted: its formula is not known."
            )
        return DependencyGraph(
            nodes=tuple(self._nodes),
            edges=tuple(edges),
            output=output,
            wrt=tuple(inputs),
            paths={labels[i]: listed[i] for i in inputs},
            paths_counted={labels[i]: ways[i] for i in inputs},
            derivative={labels[i]: self._nodes[i].adjoint for i in inputs},
            visits=tuple(self._id[index] for index in visits),
            forward_multiplications=sum(
                count * reached[edge.source] for edge, count in zip(edges, counts, strict=True)
            ),
            reverse_multiplications=sum(counts),
        )

    def _entries_that_reach(self) -> dict[int, int]:
        """For each node, how many entries asked about it depends on: forward has a run for each."""
        bits: dict[int, set[int]] = {}
        for i, recorded in enumerate(self._walk.operations):
            mine = {i} if i in self._wrt else set()
            for source in recorded.inputs:
                if source is not None:
                    mine |= bits[source]
            bits[i] = mine
        sizes = {i: gradient.numel() for i, gradient in self._gradient.items()}
        return {self._id[i]: sum(sizes[k] for k in mine) for i, mine in bits.items()}

    # ---- tensors -----------------------------------------------------------------------------

    def _principal(self, graph: DependencyGraph) -> tuple[Factor, ...]:
        """The factors along the way by which most of the gradient came."""
        first = graph.wrt[0]
        nodes = tuple(
            Node(node.operation, Place(node.label), 0 if node.id == first else None)
            for node in graph.nodes
        )
        norms = [NEVER_RAN if n.adjoint is None else abs(n.adjoint) for n in graph.nodes]
        passed = BackwardPass(
            step=0,
            index=0,
            graph=0,
            loss=float(exact(self._loss)),
            scale=1.0,
            seed_norm=1.0,
            accumulates=False,
            node_norms=tuple(norms),
            edge_norms=tuple(NEVER_RAN if e.sent is None else abs(e.sent) for e in graph.edges),
            numels=tuple(math.prod(node.shape) for node in graph.nodes),
        )
        links = tuple(Edge(edge.target, edge.source, edge.argument) for edge in graph.edges)
        return Chain(Graph(0, nodes, links), passed).path_to(first)

    def _remarks(self) -> list[str]:
        remarks = []
        lost = [n.label for n in self._nodes if n.kind == "constant" and n.value is n.norm is None]
        if lost:
            names = ", ".join(lost)
            remarks.append(
                f"Not kept by PyTorch, for no derivative needs them: the values of {names}."
                if len(lost) > 1
                else f"Not kept by PyTorch, for no derivative needs it: the value of {names}."
            )
        packed = self._forward.packed()
        if packed:
            names = ", ".join(sorted({self._walk.operations[i].name for i in packed}))
            remarks.append(
                f"What {names} saved went through hooks (checkpointing or offloading). It was not "
                "unpacked to be shown; autograd unpacked it for the gradient, which runs a "
                "checkpointed part of the forward pass again."
            )
        if self._measured.hooked:
            remarks.append(
                "Tensors on the way have hooks of yours; they were called once, as any run of "
                "autograd calls them."
            )
        return remarks


def _largest(gradient: Tensor) -> Index:
    flat = gradient.abs().reshape(-1)
    return unflat(tuple(gradient.shape), int(flat.nan_to_num(nan=math.inf).argmax()))
