"""The chain rule of vectors and matrices as a graph: linear maps on the edges, gradients that add.

On an edge stands no number but a linear map: a small change of u makes a change J du of what is
computed from it, and of a gradient G there, Jᵀ G comes back to u. Along a path the maps follow one
another; where several paths lead to one quantity, what they bring adds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from chainrule.calculus.build import number, substitute
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.paths import edge_name, listed_paths, ways_to
from chainrule.calculus.tokens import suggestion
from chainrule.calculus.tree import Formula, Node
from chainrule.records.dependency_graph import (
    DependencyEdge,
    DependencyGraph,
    DependencyNode,
    NodeKind,
)

from .algebra import Facts, simplified, starred
from .derive import derive_matrix, subscripted
from .evaluate import MatrixEvaluation, short
from .fit import Shape
from .kinks import matrix_kinks
from .linear_maps import COTANGENT, LinearMaps, Link, Quantity
from .shapes import Shapes
from .stretching import filled
from .text import mathematics

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Values = NDArray[float64]

MOST_WRITTEN = 8
"""Paths to one input of which it is written out what they bring: each is derived by itself."""

GRADIENT = "G"
"""What the gradient of the target of an edge is called in its `derivative`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixGraph:
    """A dependency graph with what is not a number: formulas, and values of several entries.

    Attributes:
        graph: Its edges have linear maps, as what comes back of G; norms where there is a point.
        rules: By edge, the rule by its name and as an equation between differentials.
        sent: By edge, what comes back along it, with the gradient by its full name.
        gradients: By the label of an input, the gradient as the algebra leaves it.
        brought: By the label of an input, what each path brings; empty if there are too many.
        values: By node, its value on one line; empty without a point.
        adjoints: By node, its gradient likewise.
    """

    graph: DependencyGraph
    rules: tuple[tuple[str, str], ...]
    sent: tuple[str, ...]
    gradients: dict[str, str]
    brought: dict[str, tuple[str, ...]]
    values: tuple[str, ...]
    adjoints: tuple[str, ...]


def matrix_graph(
    formula: Formula,
    wrt: Sequence[str],
    shapes: Mapping[str, Shape],
    at: MatrixEvaluation | None = None,
) -> MatrixGraph:
    """The dependency graph of a number that is computed from vectors and matrices.

    Args:
        formula: As it was read.
        wrt: Names to differentiate by.
        shapes: The shape of each name; names left out are numbers.
        at: A point, for the numbers.

    Raises:
        FormulaError: If shapes do not fit, the result is no number, or a name is not in it.
        DomainError: If a part has no value at the point.

    Cost: that of `derive_matrix` for each name.
    """
    walk = _Graph(formula, wrt, shapes, at)
    return walk.graph()


class _Graph:
    def __init__(
        self,
        formula: Formula,
        wrt: Sequence[str],
        shapes: Mapping[str, Shape],
        at: MatrixEvaluation | None,
    ) -> None:
        self._formula, self._at = formula, at
        self._wrt = _checked(wrt, formula)
        given = {each: tuple(shapes.get(each, ())) for each in formula.names}
        # of each input what is told of it elsewhere: its gradient, and kinks at the point
        self._derivations = {each: derive_matrix(formula, each, given) for each in self._wrt}
        self._given = given
        shape = Shapes(given, formula.text)(formula.root)
        if prod(shape) != 1:
            raise FormulaError(
                "Expected a formula of one number for a dependency graph, found "
                f"shape {' × '.join(map(str, shape))}: make a number of it, such as the sum of its "
                "entries.",
                formula.text,
            )
        self._maps = LinearMaps(formula, self._wrt, given)
        self._found, self._by_name = self._maps.found, self._maps.by_name

    def graph(self) -> MatrixGraph:
        links = self._maps.links
        output = len(self._found) - 1
        values = [self._value(each) for each in self._found]
        adjoints, gains, sizes = self._backward(links, values)
        labels = [subscripted(each.label, self._formula.names).text for each in self._found]
        edges = tuple(
            DependencyEdge(
                id=i,
                source=link.source,
                target=link.target,
                argument=link.argument,
                derivative=self._sent(link, GRADIENT),
                value=gains[i],
                sent=sizes[i],
                name=self._name(link, links),
            )
            for i, link in enumerate(links)
        )
        ways = ways_to(edges, output)
        inputs = tuple(self._by_name[each] for each in self._wrt)
        listed = listed_paths(edges, output, {i: ways.get(i, 0) for i in inputs}, labels)
        graph = DependencyGraph(
            nodes=tuple(
                DependencyNode(
                    id=i,
                    kind=_kind(each, self._wrt),
                    operation="" if each.rule is None else each.rule.name,
                    label=labels[i],
                    expression=""
                    if each.rule is None
                    else mathematics(each.local, self._maps.shapes),
                    value=_one(values[i]),
                    shape=each.shape,
                    norm=_norm(values[i]),
                    adjoint=_size(adjoints.get(i)),
                    formula_node=each.node.id,
                )
                for i, each in enumerate(self._found)
            ),
            edges=edges,
            output=output,
            wrt=inputs,
            paths={labels[i]: listed[i] for i in inputs},
            paths_counted={labels[i]: ways.get(i, 0) for i in inputs},
            derivative={labels[i]: _size(adjoints.get(i)) for i in inputs},
            visits=tuple(
                i
                for i in reversed(range(len(self._found)))
                if i == output or any(link.source == i for link in links)
            ),
            forward_multiplications=self._forward_passes(links),
            reverse_multiplications=len(links),
            notices=self._notices(),
        )
        return MatrixGraph(
            graph=graph,
            rules=tuple(self._rule(link) for link in links),
            sent=tuple(
                self._sent(link, f"∂{labels[output]}/∂{labels[link.target]}") for link in links
            ),
            gradients={
                labels[self._by_name[each]]: mathematics(found.gradient, self._maps.shapes)
                for each, found in self._derivations.items()
            },
            brought={
                labels[i]: tuple(
                    self._brought([links[e] for e in path.edges]) for path in listed[i]
                )
                if len(listed[i]) <= MOST_WRITTEN
                else ()
                for i in inputs
            },
            values=tuple("" if each is None else short(each) for each in values),
            adjoints=tuple(
                short(adjoints[i]) if i in adjoints else "" for i in range(len(self._found))
            ),
        )

    def _value(self, quantity: Quantity) -> "Values | None":
        return None if self._at is None else self._at(quantity.node)

    def _backward(
        self, links: Sequence[Link], values: "Sequence[Values | None]"
    ) -> "tuple[dict[int, Values], list[float | None], list[float | None]]":
        """The gradients by node, and of each edge the gain and the norm of what it sends."""
        if self._at is None:
            nothing: list[float | None] = [None] * len(links)
            return {}, nothing, nothing
        import numpy as np

        known = {
            each.label: value
            for each, value in zip(self._found, values, strict=True)
            if value is not None
        }
        adjoints: dict[int, Values] = {len(self._found) - 1: np.ones(self._found[-1].shape)}
        gains: list[float | None] = []
        sizes: list[float | None] = []
        for link in links:
            arrived = adjoints[link.target]
            point = MatrixEvaluation({**known, COTANGENT: arrived}, self._formula.text)
            sent = np.broadcast_to(point(link.term), self._found[link.source].shape)
            adjoints[link.source] = adjoints.get(link.source, 0.0) + sent
            before, size = float(np.linalg.norm(np.ravel(arrived))), _size(sent)
            sizes.append(size)
            gains.append(None if size is None or before == 0 else abs(size) / before)
        return adjoints, gains, sizes

    def _forward_passes(self, links: Sequence[Link]) -> int:
        """Edges that are passed if one entry of an input after the other is moved."""
        reaching: list[set[int]] = [
            {i} if each.label in self._wrt else set() for i, each in enumerate(self._found)
        ]
        for link in sorted(links, key=lambda each: each.target):
            reaching[link.target] |= reaching[link.source]
        return sum(sum(prod(self._found[i].shape) for i in reaching[link.source]) for link in links)

    # ---- in words -------------------------------------------------------------------------------

    def _rule(self, link: Link) -> tuple[str, str]:
        quantity = self._found[link.target]
        assert quantity.rule is not None
        place = self._maps.place(quantity, (link.argument,))
        stated = quantity.rule.stated(place)
        return stated.name, stated.differential

    def _sent(self, link: Link, gradient: str) -> str:
        """What comes back along an edge, of a gradient by what that is called."""
        shapes = Shapes(self._maps.shapes.names | {COTANGENT: self._found[link.target].shape})
        return mathematics(link.term, shapes, {COTANGENT: gradient})

    def _brought(self, path: Sequence[Link]) -> str:
        """What one path brings, in the learner's own parts."""
        cotangent: Node = number(1)
        for link in path:
            target = self._found[link.target]
            cotangent = self._maps.terms(target, cotangent)[link.argument]
        whole = self._found[path[-1].source] if path else self._found[-1]
        parts = {each.label: each.node for each in self._found if each.rule is not None}
        shapes = Shapes(self._given, self._formula.text)
        written = starred(substitute(cotangent, parts), shapes)
        steps = simplified(written, Facts(shapes=shapes))
        last = steps[-1].after if steps else written
        like = subscripted(whole.label, self._formula.names)
        return mathematics(filled(last, shapes(last), whole.shape, like), shapes)

    def _name(self, link: Link, links: Sequence[Link]) -> str:
        target, source = (
            subscripted(self._found[i].label, self._formula.names).text
            for i in (link.target, link.source)
        )
        several = sum((e.source, e.target) == (link.source, link.target) for e in links) > 1
        return edge_name(target, source, link.argument if several else None)

    def _notices(self) -> tuple[str, ...]:
        if self._at is None:
            return ()
        told = [matrix_kinks(found, self._at) for found in self._derivations.values()]
        return tuple(dict.fromkeys(sentence for each in told for sentence in each))


def _checked(wrt: Sequence[str], formula: Formula) -> tuple[str, ...]:
    if not wrt:
        raise FormulaError("Expected at least one name to differentiate by, found none.")
    for each in wrt:
        if each not in formula.names:
            raise FormulaError(
                f"Expected a name of the formula to differentiate by, found {each!r}; it has "
                f"{', '.join(formula.names) or 'none'}.{suggestion(each, formula.names)}",
                formula.text,
            )
    return tuple(dict.fromkeys(wrt))


def _kind(quantity: Quantity, wrt: Sequence[str]) -> NodeKind:
    if quantity.label in wrt:
        return "input"
    return "constant" if quantity.rule is None else "operation"


def _one(value: "Values | None") -> float | None:
    return None if value is None or value.size != 1 else float(value.ravel()[0])


def _norm(value: "Values | None") -> float | None:
    import numpy as np

    return None if value is None or value.size == 1 else float(np.linalg.norm(np.ravel(value)))


def _size(value: "Values | None") -> float | None:
    """The number that a value is, or its norm."""
    if value is None:
        return None
    found = _one(value)
    return _norm(value) if found is None else found
