"""What lies behind what in a graph: asked by the faults about parts that training leaves out."""

from collections.abc import Callable, Set

from chainrule.records import Graph, kind_of, operation

_LAYERS = frozenset({"weight", "activation", "attention", "compiled"})


def targets(graph: Graph) -> list[list[int]]:
    """For each node those that it passes its gradient on to, in the order of its inputs."""
    found: list[list[int]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        found[edge.source].append(edge.target)
    return found


def sources(graph: Graph) -> list[list[int]]:
    """For each node those that its gradient comes from: what uses its output."""
    found: list[list[int]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        found[edge.target].append(edge.source)
    return found


def parameters_below(graph: Graph) -> list[set[int]]:
    """For each node the parameters that its gradient reaches."""
    following, arriving = targets(graph), [len(above) for above in sources(graph)]
    order = [i for i, n in enumerate(arriving) if n == 0]
    for i in order:
        for target in following[i]:
            arriving[target] -= 1
            if arriving[target] == 0:
                order.append(target)
    below: list[set[int]] = [set() for _ in graph.nodes]
    for i in reversed(order):
        parameter = graph.nodes[i].parameter
        if parameter is not None:
            below[i].add(parameter)
        for target in following[i]:
            below[i] |= below[target]
    return below


def nodes_above(graph: Graph, node: int) -> set[int]:
    """The nodes on any way from the loss to a node, without the node itself."""
    above = sources(graph)
    return spread(node, lambda i: above[i])


def nearest_parameters(graph: Graph, node: int) -> set[int]:
    """The parameters that make the input of a node: those of the products nearest to it.

    One that is frozen is no leaf of the graph, and then what lies behind it is not taken instead.
    """
    following = targets(graph)
    kinds = [kind_of(operation(n.name)) for n in graph.nodes]
    between = spread(node, lambda i: [] if i != node and kinds[i] in _LAYERS else following[i])
    found = {graph.nodes[i].parameter for i in between}

    def operands(i: int) -> list[int]:  # of a product; a weight may be transposed before it
        return following[i] if kinds[i] == "structure" else []

    for layer in (i for i in between if kinds[i] in _LAYERS):
        for first in following[layer]:
            own = {first} | spread(first, operands)
            found |= {graph.nodes[i].parameter for i in own}
    return {parameter for parameter in found if parameter is not None}


def carries(graph: Graph, parameters: Set[int], others: Set[int]) -> bool:
    """True if an operation on one of `parameters` passes its gradient on to one of `others`."""
    below, above = parameters_below(graph), sources(graph)

    def upwards(i: int) -> list[int]:
        node = graph.nodes[i]  # a transposed weight has one more node before the product
        goes_on = node.parameter is not None or kind_of(operation(node.name)) == "structure"
        return above[i] if goes_on else []

    return any(
        below[user] & others
        for leaf, node in enumerate(graph.nodes)
        if node.parameter in parameters
        for user in spread(leaf, upwards)
    )


def spread(start: int, neighbours: Callable[[int], list[int]]) -> set[int]:
    """All that is met from `start` on, without `start`.

    Args:
        start: A node.
        neighbours: Where it goes on from a node.
    """
    met: set[int] = set()
    waiting = list(neighbours(start))
    while waiting:
        i = waiting.pop()
        if i not in met:
            met.add(i)
            waiting += neighbours(i)
    met.discard(start)
    return met
