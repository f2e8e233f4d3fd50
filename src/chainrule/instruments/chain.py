"""The chain: ∂L/∂w as a product of measured factors along a path through the graph.

Along a path n₀ (the loss) → n₁ → … → w,

    ‖∂L/∂w‖ = ‖g₀‖ · Π γᵢ μᵢ,   γᵢ = ‖contribution‖ / ‖gᵢ‖,   μᵢ = ‖gᵢ₊₁‖ / ‖contribution‖,

which holds exactly, for γᵢ is the measured size of one Jacobian-vector product and μᵢ of what
other consumers of the same value add to it.
"""

import math
from functools import cache, cached_property

from chainrule.records import NEVER_RAN, BackwardPass, Factor, Graph, Kind, kind_of, operation


class Chain:
    """The paths of one backward pass.

    Args:
        graph: Structure of the pass.
        backward_pass: The norms measured in it.
    """

    def __init__(self, graph: Graph, backward_pass: BackwardPass) -> None:
        self.graph = graph
        self.backward_pass = backward_pass

    @cached_property
    def _principal(self) -> list[int | None]:
        best = [-1.0] * len(self.graph.nodes)
        principal: list[int | None] = [None] * len(self.graph.nodes)
        norms = self.backward_pass.edge_norms
        for e, edge in enumerate(self.graph.edges):
            if norms[e] == NEVER_RAN:
                continue
            size = math.inf if math.isnan(norms[e]) else norms[e]
            if size > best[edge.target]:
                best[edge.target], principal[edge.target] = size, e
        return principal

    @cached_property
    def outwards(self) -> tuple[int, ...]:
        """Nodes, each after the source of its principal edge.

        The principal paths are a tree. What is asked of all of them is asked in this order, once
        a node: written out they are as many factors as there are weights times layers.
        """
        following: list[list[int]] = [[] for _ in self.graph.nodes]
        order: list[int] = []
        for node in range(len(self.graph.nodes)):
            source = self.source(node)
            (order if source is None else following[source]).append(node)
        for node in order:
            order += following[node]
        return tuple(order)

    @cached_property
    def leaves(self) -> dict[int, int]:
        """Node of each parameter that a gradient reached, by the parameter's index."""
        return {
            node.parameter: i
            for i, node in enumerate(self.graph.nodes)
            if node.parameter is not None and self.backward_pass.node_norms[i] != NEVER_RAN
        }

    @cached_property
    def uses(self) -> dict[int, list[tuple[int, float]]]:
        """For each parameter, `(node, ‖contribution‖)` of what brought it a part of its gradient.

        One a use: a recurrent weight has one a time step.
        """
        uses: dict[int, list[tuple[int, float]]] = {}
        for edge, norm in zip(self.graph.edges, self.backward_pass.edge_norms, strict=True):
            parameter = self.graph.nodes[edge.target].parameter
            if parameter is not None and norm != NEVER_RAN:
                uses.setdefault(parameter, []).append((edge.source, norm))
        return uses

    def norm(self, parameter: int) -> float | None:
        """‖∂L/∂w‖ that this pass brought to a parameter; None if none arrived."""
        node = self.leaves.get(parameter)
        return None if node is None else self.backward_pass.node_norms[node]

    def rms(self, node: int) -> float:
        """Root mean square of the gradient that a node received; NaN if none arrived."""
        norm, count = self.backward_pass.node_norms[node], self.backward_pass.numels[node]
        return norm / math.sqrt(count) if count and norm != NEVER_RAN else math.nan

    def path(self, parameter: int) -> tuple[Factor, ...]:
        """The factors from the loss to a parameter along its principal path.

        At each value with several consumers the path follows the largest contribution, so it is
        the way by which most of the gradient came.

        Returns:
            Factors, the loss first; empty if no gradient reached the parameter.
        """
        node = self.leaves.get(parameter)
        return () if node is None else self.path_to(node)

    def path_to(self, node: int) -> tuple[Factor, ...]:
        """The principal path from the loss to any node that a gradient reached."""
        factors: list[Factor] = []
        seen = {node}
        while (edge := self.principal_edge(node)) is not None:
            factors.append(self.factor(edge))
            node = self.graph.edges[edge].source
            if node in seen:  # a damaged file: graphs have no cycles
                break
            seen.add(node)
        return tuple(reversed(factors))

    def start_norm(self, path: tuple[Factor, ...]) -> float:
        """‖g‖ at the loss end of a path; with it, Π γ μ gives the parameter's gradient norm."""
        return self.backward_pass.node_norms[path[0].node] if path else math.nan

    def principal_edge(self, node: int) -> int | None:
        """Index of the edge that brought most of a node's gradient; None if none did."""
        return self._principal[node]

    def source(self, node: int) -> int | None:
        """The node that most of a node's gradient came from; None if none came."""
        edge = self._principal[node]
        return None if edge is None else self.graph.edges[edge].source

    def kind(self, node: int) -> Kind:
        """Kind of the factors that a node gives."""
        return _kind(self.graph.nodes[node].name)

    def factor(self, index: int) -> Factor:
        """The factor of an edge, with what else arrives at its target."""
        edge, norms = self.graph.edges[index], self.backward_pass.node_norms
        contribution = self.backward_pass.edge_norms[index]
        node = self.graph.nodes[edge.source]
        return Factor(
            node=edge.source,
            target=edge.target,
            place=node.place,
            kind=_kind(node.name),
            gain=_ratio(contribution, norms[edge.source]),
            merge=_ratio(norms[edge.target], contribution),
            rms_gain=_ratio(self.rms(edge.target), self.rms(edge.source)),
        )


@cache  # a graph has thousands of nodes, and few names
def _kind(name: str) -> Kind:
    return kind_of(operation(name))


def _ratio(numerator: float, denominator: float) -> float:
    """Numerator / denominator, with 0/0 = 0: a gradient of zero passes zero on."""
    if denominator == 0:
        return 0.0 if numerator == 0 else math.inf
    return numerator / denominator
