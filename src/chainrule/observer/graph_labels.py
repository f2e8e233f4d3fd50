"""The labels of each graph: where in the script each of its operations is.

They are collected on a few steps (see `labels.py`) and hold for every pass with the same nodes and
the same parameters. The graph that breaks a run is often met once, on a step without labels: an
operation of it is then looked for in the graph that is most like it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.records import Place, operation

from .backward import BackwardRecorder
from .labels import Labeller, site_of
from .names import Names
from .structure import Structure, is_leaf

Shape = tuple[Structure, tuple[int | None, ...]]
"""The nodes of a graph and the numbers of its leaves: two models built alike are told apart."""


@dataclass(slots=True)
class _Labels:
    """The labels of one graph.

    Attributes:
        places: One a node.
        forward: The nodes that are no leaves, in the order in which they ran.
        complete: True if every operation has its line.
    """

    places: list[Place]
    forward: list[int]
    complete: bool


class GraphLabels:
    """The labels of the graphs met so far.

    Args:
        names: Names of modules and parameters.
        labeller: Collects labels while it is on.
    """

    def __init__(self, names: Names, labeller: Labeller) -> None:
        self._names = names
        self._labeller = labeller
        self._known: dict[Shape, _Labels] = {}
        self._incomplete: set[Shape] = set()
        self._changed: set[Shape] = set()

    @property
    def wanted(self) -> bool:
        """True while a graph was met whose nodes could not all be labelled."""
        return not self._known or bool(self._incomplete)

    def may_read_saved(self) -> bool:
        """True unless somebody's hooks would run if we looked at a saved tensor."""
        return self._labeller.looked and not self._labeller.saved_tensor_hooks

    def shape(self, recorder: BackwardRecorder) -> Shape:
        """What the labels of a pass are kept by."""
        return recorder.structure, tuple(map(self._names.index, recorder.leaves.values()))

    def collect(self, recorder: BackwardRecorder) -> None:
        """Keep the labels that the nodes of a pass carry, while some are missing."""
        shape = self.shape(recorder)
        known = self._known.get(shape)
        if known is not None and known.complete:
            return
        before = known or self._unnamed(shape)
        names = recorder.structure.names
        places = []
        for i, (node, name) in enumerate(zip(recorder.order, names, strict=True)):
            site = None if is_leaf(name) else site_of(node)
            if site is not None:
                place = Place(self._names.module(site.modules), plain(name), site.source)
            else:
                place = before.places[i] if before is not None else Place(operation=plain(name))
            places.append(place)
        if recorder.scale != 1.0:  # the root is the multiplication of the scaler: `scaling.py`
            places[0] = Place(places[0].module, LOSS_SCALE, places[0].source)
        complete = all(
            place.source or is_leaf(name) for place, name in zip(places, names, strict=True)
        )
        self._known[shape] = _Labels(places, _forward(recorder.order, names), complete)
        if before is not None and before.places != places:
            self._changed.add(shape)
        if complete:
            self._incomplete.discard(shape)
        else:
            self._incomplete.add(shape)

    def _unnamed(self, shape: Shape) -> _Labels | None:
        """Labels of a graph from when its parameters had no numbers: before the first update."""
        structure, leaves = shape
        for (other, numbers), labels in self._known.items():
            if other is structure and all(
                a is None or a == b for a, b in zip(numbers, leaves, strict=True)
            ):
                return labels
        return None

    def places(self, recorder: BackwardRecorder) -> list[Place]:
        """The place of each node of a pass, as far as it is known."""
        shape = self.shape(recorder)
        labels = self._known.get(shape) or self._unnamed(shape)
        if labels is not None:
            return labels.places
        return [Place(operation=plain(name)) for name in recorder.structure.names]

    @property
    def any_changed(self) -> bool:
        """True while `changed` has something to tell of any graph."""
        return bool(self._changed)

    def changed(self, recorder: BackwardRecorder) -> bool:
        """True if labels of the pass's graph came to light since this was last asked."""
        shape = self.shape(recorder)
        if shape in self._changed:
            self._changed.discard(shape)
            return True
        return False

    def find(self, order: Sequence[Any], names: Sequence[str], node: int) -> tuple[Place, Place]:
        """The place of one node of a graph that may have no labels of its own.

        Where a labelled graph has the same parameters and the same number of operations of this
        kind, the k-th of them that ran is taken to be the k-th there.

        Returns:
            Its place, only the operation if no more can be told; and then that of the last
            operation before it whose place can be told.
        """
        site = site_of(order[node])
        if site is not None:
            return Place(self._names.module(site.modules), plain(names[node]), site.source), Place()
        leaves = Counter(
            self._names.index(order[i].variable) for i, name in enumerate(names) if is_leaf(name)
        )
        forward = _forward(order, names)
        nearest = Place()
        for (structure, numbers), labels in reversed(self._known.items()):
            if Counter(numbers) != leaves:
                continue
            alike = _alike(forward, names, labels.forward, structure.names)
            if node in alike and labels.places[alike[node]].source:
                return labels.places[alike[node]], Place()
            earlier = forward[: forward.index(node)] if node in forward else []
            found = [labels.places[alike[i]] for i in earlier if i in alike]
            nearest = next((place for place in reversed(found) if place.source), nearest)
        return Place(operation=plain(names[node])), nearest


LOSS_SCALE = "loss scale"
"""What a GradScaler's multiplication is called: it is not the script's own."""


def plain(name: str) -> str:
    """A node's name as the reader knows it."""
    return "parameter" if is_leaf(name) else operation(name) or name


def _forward(order: Sequence[Any], names: Sequence[str]) -> list[int]:
    inner = [i for i, name in enumerate(names) if not is_leaf(name)]
    return sorted(inner, key=lambda i: int(order[i]._sequence_nr()))


def _alike(
    forward: Sequence[int], names: Sequence[str], known: Sequence[int], known_names: Sequence[str]
) -> Mapping[int, int]:
    """For the nodes of a graph those of another: the k-th of a kind, where there are as many."""
    by_kind: dict[str, list[int]] = {}
    for i in known:
        by_kind.setdefault(known_names[i], []).append(i)
    counts = Counter(names[i] for i in forward)
    waiting = {name: iter(nodes) for name, nodes in by_kind.items() if len(nodes) == counts[name]}
    return {i: next(waiting[names[i]]) for i in forward if names[i] in waiting}
