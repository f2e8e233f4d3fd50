"""Whether two places lie on one way from the loss to a weight."""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.reach import nodes_above
from chainrule.records import Graph, Place, operation

_MOST_NODES = 64
"""Nodes looked at for one place: an unrolled recurrent layer has one a time step."""


def on_one_way(case: Case, one: Place, other: Place) -> bool | None:
    """True if a gradient passes both; None if either place is not known in the latest graph."""
    graph = next((chain.graph for _, chain in reversed(case.chains)), None)
    if graph is None:
        return None
    ours, theirs = _nodes_at(graph, one), _nodes_at(graph, other)
    if not ours or not theirs:
        return None
    if ours & theirs:
        return True
    above_ours = set().union(*(nodes_above(graph, node) for node in ours))
    above_theirs = set().union(*(nodes_above(graph, node) for node in theirs))
    return bool(above_ours & theirs or above_theirs & ours)


def _nodes_at(graph: Graph, place: Place) -> set[int]:
    """Nodes of the module, of the operation in it where that is known; else of the line."""
    if not place.module and not place.source:
        return set()
    found = {
        i
        for i, node in enumerate(graph.nodes)
        if (
            node.place.module == place.module if place.module else node.place.source == place.source
        )
        and (not place.operation or operation(node.name) == place.operation)
    }
    return set(sorted(found)[:_MOST_NODES])
