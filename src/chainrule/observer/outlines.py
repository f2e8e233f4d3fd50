"""From hooked nodes to records: the graph with its labels, and the norms measured on it."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from chainrule.records import (
    NEVER_RAN,
    Edge,
    Event,
    Graph,
    Node,
    Place,
)

from .backward import BackwardRecorder
from .compiled import COMPILED_NODE
from .graph_labels import GraphLabels, Shape
from .measured import MeasuredPass
from .names import Names
from .post_mortem import Origin
from .sink import Sink

_MOST_GRAPHS = 64  # different graphs kept; a script that makes a new one each step is told so


class Outlines:
    """The graphs of a run, each recorded once."""

    def __init__(self, names: Names, labels: GraphLabels, sink: Sink) -> None:
        self._names = names
        self._labels = labels
        self._sink = sink
        self._ids: dict[tuple[object, ...], int] = {}
        self._of_shape: dict[Shape, int] = {}
        self._full = False

    def backward_pass(self, recorder: BackwardRecorder, step: int, number: int) -> MeasuredPass:
        """What is known of a settled pass, nested passes merged into its graph."""
        graph, norms = self._whole(recorder) or self._merged(recorder)
        return MeasuredPass(
            step=step,
            index=number,
            graph=graph,
            loss=recorder.loss,
            scale=recorder.scale,
            seed_norms=recorder.seed_norms,
            accumulates=recorder.accumulates,
            node_norms=norms.node_norms,
            edge_norms=norms.edge_norms,
            numels=norms.numels,
            derivatives=recorder.derivatives,
        )

    def _whole(self, recorder: BackwardRecorder) -> "tuple[int, BackwardRecorder] | None":
        """The number of a pass's graph and its norms, if all is as it was in an earlier pass."""
        if recorder.nested or self._labels.any_changed:
            return None
        number = self._of_shape.get(self._labels.shape(recorder))
        return None if number is None else (number, recorder)

    def _merged(self, recorder: BackwardRecorder) -> "tuple[int, _Merged]":
        merged = _Merged(recorder)
        number = self._graph(merged)
        if not recorder.nested:
            self._of_shape[self._labels.shape(recorder)] = number
        return number, merged

    def _graph(self, merged: "_Merged") -> int:
        leaves = tuple((i, self._names.index(t)) for i, t in merged.leaves.items())
        key = (merged.key, leaves)
        fresh = [part for part in merged.parts if self._labels.changed(part)]
        known = self._ids.get(key)
        if known is not None and not fresh:
            return known
        if len(self._ids) >= _MOST_GRAPHS and not self._full:
            self._full = True
            self._sink.event(
                Event(
                    0,
                    "note",
                    f"The autograd graph changes from step to step: after {_MOST_GRAPHS} different "
                    "ones, further graphs are kept without a cache.",
                )
            )
        number = len(self._ids) if known is None else known
        self._ids[key] = number
        places: list[Place] = []
        for part in merged.parts:
            places += self._labels.places(part)
        nodes = []
        for i, name in enumerate(merged.names):
            parameter = None
            place = places[i]
            if i in merged.leaves:
                parameter = self._names.index(merged.leaves[i])
                if parameter is not None:
                    place = Place(self._names.parameters[parameter].name, "parameter")
            elif not place.source and merged.parents[i] is not None:
                outer = places[merged.parents[i] or 0]
                place = Place(outer.module, place.operation, outer.source)
            nodes.append(Node(name, place, parameter, merged.parents[i]))
        edges = tuple(Edge(s, t, j) for s, t, j in merged.edges)
        self._sink.add_graph(Graph(number, tuple(nodes), edges, _unseen(merged.names)))
        return number

    def origin(
        self, step: int, order: Sequence[Any], names: Sequence[str], origin: Origin | None
    ) -> None:
        """Record the post-mortem of a non-finite loss."""
        if origin is None:
            self.nonfinite(step, None, "forward", "The loss is not finite.")
            return
        place = after = Place()
        if origin.node is not None:
            place, after = self._labels.find(order, names, origin.node)
        bad = [self._names.index(order[i].variable) for i in origin.leaves]
        self.nonfinite(
            step,
            place,
            origin.direction,
            "The loss is not finite.",
            inputs=[list(entry) for entry in origin.inputs],
            parameters=[b for b in bad if b is not None],
            after=str(after),
        )

    def backward_origin(self, step: int, recorder: BackwardRecorder, origin: Origin) -> None:
        """Record that backward turned a finite gradient into a non-finite one."""
        place = self._labels.places(recorder)[origin.node or 0]
        self.nonfinite(step, place, "backward", "A gradient is not finite.")

    def nonfinite(
        self, step: int, place: Place | None, direction: str, text: str, **data: object
    ) -> None:
        """Record a non-finite number and where it came from."""
        place = place or Place()
        self._sink.event(
            Event(
                step,
                "non-finite",
                text,
                {
                    "direction": direction,
                    "module": place.module,
                    "operation": place.operation,
                    "source": place.source,
                    **data,
                },
            )
        )


class _Merged:
    """A pass and the passes run inside its nodes, as one graph."""

    def __init__(self, recorder: BackwardRecorder) -> None:
        self.parts: list[BackwardRecorder] = []
        self.names: list[str] = []
        self.parents: list[int | None] = []
        self.leaves: dict[int, Tensor] = {}
        self.node_norms: list[float] = []
        self.numels: list[int] = []
        self.key: tuple[object, ...] = ()
        links: list[tuple[int, int, int, float]] = []
        self._add(recorder, None, links)
        if len(self.parts) > 1:
            links = self._share_leaves(links, recorder.totals)
        links.sort(key=lambda link: (link[0], link[2]))
        self.edges = [(s, t, j) for s, t, j, _ in links]
        self.edge_norms = [value for _, _, _, value in links]

    def _add(
        self, part: BackwardRecorder, parent: int | None, links: list[tuple[int, int, int, float]]
    ) -> None:
        offset = len(self.names)
        self.parts.append(part)
        self.key = (*self.key, parent, part.structure)  # one object for each: `walk` keeps it
        self.names += part.structure.names
        self.parents += [parent] * len(part.structure.names)
        self.leaves.update({offset + i: t for i, t in part.leaves.items()})
        self.node_norms += [float(v) for v in part.node_norms]
        self.numels += part.numels
        for e, (source, target, j, _) in enumerate(part.structure.edges):
            links.append((offset + source, offset + target, j, float(part.edge_norms[e])))
        if parent is not None:
            for r in range(part.roots):
                seed = float(part.seed_norms[r]) if r < len(part.seed_norms) else NEVER_RAN
                links.append((parent, offset + r, -1 - r, seed))
        for node, inner in part.nested:
            self._add(inner, offset + node, links)

    def _share_leaves(
        self, links: list[tuple[int, int, int, float]], totals: dict[int, float]
    ) -> list[tuple[int, int, int, float]]:
        """One leaf for a parameter that several passes reach; its norm is that of their sum."""
        first: dict[int, int] = {}
        moved: dict[int, int] = {}
        for i, tensor in list(self.leaves.items()):
            kept = first.setdefault(id(tensor), i)
            if kept != i:
                moved[i] = kept
                self.node_norms[kept] = totals.get(id(tensor), self.node_norms[kept])
                self.node_norms[i], self.numels[i] = NEVER_RAN, 0
                self.numels[kept] = tensor.numel()
                del self.leaves[i]
        return [(s, moved.get(t, t), j, value) for s, t, j, value in links]


def _unseen(names: Sequence[str]) -> tuple[str, ...]:
    """Sentences on the nodes whose inside cannot be seen."""
    found = []
    if COMPILED_NODE in names:
        found.append(
            "A torch.compile'd region is one factor, measured at its boundary; "
            "`--inside-compiled` runs it eagerly on sampled steps to see inside."
        )
    custom = sorted({n for n in names if "CppNode" in n or n.startswith("CppFunction")})
    found += [
        f"{name} is a custom C++ backward: measured as one factor, its inside unseen."
        for name in custom
    ]
    return tuple(found)
