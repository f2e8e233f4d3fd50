"""The part of a graph between the loss and the last layers: how the output becomes a number."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from chainrule.diagnosis.case import Case
from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN, Place, kind_of, operation

_LAYERS = frozenset({"weight", "compiled", "parameter"})


class Head:
    """What one backward pass met before it came to the first products with weights.

    Attributes:
        step: Its step.
        chain: Its chain.
        nodes: Indices of the operations, from the loss inwards, without the layers themselves.
    """

    def __init__(self, case: Case, step: int, chain: Chain) -> None:
        self._case = case
        self.step = step
        self.chain = chain

    @cached_property
    def _following(self) -> list[list[int]]:
        following: list[list[int]] = [[] for _ in self.chain.graph.nodes]
        for e, edge in enumerate(self.chain.graph.edges):
            if self.chain.backward_pass.edge_norms[e] != NEVER_RAN:
                following[edge.source].append(edge.target)
        return following

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """Nodes that a gradient reaches from the loss without passing a layer."""
        met = dict.fromkeys([0] if self.chain.graph.nodes else [])
        waiting = list(met)
        for node in waiting:
            if self.is_layer(node):
                continue
            for target in self._following[node]:
                if target not in met:
                    met[target] = None
                    waiting.append(target)
        return tuple(node for node in met if not self.is_layer(node))

    def is_layer(self, node: int) -> bool:
        """True for a product with a weight, a compiled region and a weight itself."""
        return kind_of(self.name(node)) in _LAYERS

    def name(self, node: int) -> str:
        """The operation of a node."""
        return operation(self.chain.graph.nodes[node].name)

    def place(self, node: int) -> Place:
        """Where a node is."""
        return self.chain.graph.nodes[node].place

    def targets(self, node: int) -> list[int]:
        """The nodes that a node passes its gradient on to."""
        return self._following[node]

    def before(self, node: int) -> int | None:
        """What made the input of a node: the nearest that does not only reshape; None if many."""
        seen = {node}
        while len(following := self._following[node]) == 1:
            node = following[0]
            if node in seen:  # a damaged file: graphs have no cycles
                return None
            seen.add(node)
            if kind_of(self.name(node)) != "structure":
                return node
        return None

    def inwards(self, node: int) -> tuple[int, ...]:
        """The operations that made the input of a node up to its layer, while there is one way."""
        found = []
        at: int | None = node
        while at is not None and (at := self.before(at)) is not None and not self.is_layer(at):
            found.append(at)
        return tuple(found)

    def outputs(self, node: int) -> int | None:
        """Units of the layer whose output comes to a node; None if its weights cannot tell.

        A bias has one entry a unit. A weight has units along its first axis if it is transposed
        before the product, as by `nn.Linear`, and along its last if it is not, as in `x @ W`.
        """
        met, waiting = {node}, list(self.targets(node))
        for at in waiting:
            if at in met:
                continue
            met.add(at)
            index = self.chain.graph.nodes[at].parameter
            if index is not None:  # a bias that is added by hand
                shape = self._shape(at)
                if len(shape) == 1:
                    return shape[0]
            elif self.is_layer(at):
                return self._units(at)
            else:
                waiting += self.targets(at)
        return None

    def _units(self, layer: int) -> int | None:
        kernels = "Conv" in self.name(layer)
        for operand in self.targets(layer):
            turned = self.name(operand) in ("T", "Transpose", "Permute")
            leaf = next(iter(self.targets(operand)), operand) if turned else operand
            shape = self._shape(leaf)
            if shape:
                return shape[0 if turned or kernels or len(shape) == 1 else -1]
        return None

    def _shape(self, node: int) -> tuple[int, ...]:
        """Shape of the parameter at a leaf; empty for any other node."""
        index = self.chain.graph.nodes[node].parameter
        parameter = None if index is None else self._case.parameters.get(index)
        return () if parameter is None else parameter.shape


def heads(case: Case) -> Iterator[Head]:
    """One head for each graph that was met more than once, the latest of its passes."""
    counts = Counter(chain.graph.id for _, chain in case.chains)
    latest = {chain.graph.id: (step, chain) for step, chain in case.chains}
    for graph, (step, chain) in latest.items():
        if counts[graph] > 1 or len(case.chains) == 1:
            yield Head(case, step, chain)
