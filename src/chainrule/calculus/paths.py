"""The ways through a graph: how many there are, and each of them.

They are counted by adding, not by walking them: a chain of n doublings has 2ⁿ ways.
"""

from collections.abc import Mapping, Sequence
from math import prod

from chainrule.records.dependency_graph import DependencyEdge, DependencyPath

MOST_PATHS = 1000
"""Ways that are listed, to all inputs together. Three layers of ten have 1 000 of them to one
weight of the first layer; nobody reads more, and their number doubles with every fork."""

_ORDINALS = ("1st", "2nd", "3rd")


def edge_name(target: str, source: str, place: int | None = None) -> str:
    """∂u₂/∂u₁; where u₁ is used twice, which of the places is meant, counted from 0."""
    name = f"∂{target}/∂{source}"
    if place is None:
        return name
    return f"{name} ({_ORDINALS[place] if place < 3 else f'{place + 1}th'})"


def ways_to(edges: Sequence[DependencyEdge], output: int) -> dict[int, int]:
    """How many ways lead from the output back to each node.

    Args:
        edges: In the order in which backpropagation visits them: all edges out of a node come after
            all that lead to it.
        output: The node that they start from.
    """
    ways = {output: 1}
    for edge in edges:
        ways[edge.source] = ways.get(edge.source, 0) + ways.get(edge.target, 0)
    return ways


def listed_paths(
    edges: Sequence[DependencyEdge],
    output: int,
    counted: Mapping[int, int],
    labels: Sequence[str],
) -> dict[int, tuple[DependencyPath, ...]]:
    """All ways from the output back to each input, in reading order.

    An input to which there are more ways than may still be listed has none in the list.

    Args:
        edges: By id.
        output: The node that they start from.
        counted: How many ways there are, by input.
        labels: Of all nodes.
    """
    into: dict[int, list[DependencyEdge]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge)
    left = MOST_PATHS
    found: dict[int, tuple[DependencyPath, ...]] = {}
    for node, count in counted.items():
        if count > left:
            found[node] = ()
            continue
        left -= count
        ways = _ways(into, _leading_to(edges, node), output, node)
        found[node] = tuple(_path(way, edges, labels[node]) for way in ways)
    return found


def _ways(
    into: Mapping[int, Sequence[DependencyEdge]], leading: set[int], output: int, node: int
) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, tuple[int, ...]]] = [(output, ())]
    while stack:
        here, way = stack.pop()
        if here == node:
            found.append(way)
        back = [edge for edge in reversed(into.get(here, ())) if edge.source in leading]
        stack.extend((edge.source, (*way, edge.id)) for edge in back)
    return found


def _leading_to(edges: Sequence[DependencyEdge], node: int) -> set[int]:
    """Nodes from which a way leads back to a node, itself among them."""
    found = {node}
    for edge in reversed(edges):
        if edge.source in found:
            found.add(edge.target)
    return found


def _path(way: Sequence[int], edges: Sequence[DependencyEdge], label: str) -> DependencyPath:
    if not way:
        return DependencyPath(edges=(), product=f"∂{label}/∂{label}", value=1.0)
    values = [value for i in way if (value := edges[i].value) is not None]
    return DependencyPath(
        edges=tuple(way),
        product=" · ".join(edges[i].name for i in way),
        value=prod(values) + 0.0 if len(values) == len(way) else None,  # no −0
    )
