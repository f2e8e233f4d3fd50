"""The chain rule as a graph: values on the quantities, local derivatives between them.

Along a way the local derivatives multiply, and the ways add. Backpropagation finds that sum without
walking any way twice: it goes once through the quantities, from the result back.
"""

import heapq
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.records.dependency_graph import (
    DependencyEdge,
    DependencyGraph,
    DependencyNode,
    NodeKind,
)

from .definitions import values_at
from .errors import FormulaError
from .evaluate import DomainError, Evaluation
from .graph_kinks import GraphKinks, graph_kinks
from .local_derivatives import LocalDerivative, local_derivatives
from .paths import edge_name, listed_paths, ways_to
from .quantities import Quantity, quantities
from .tokens import suggestion
from .tree import Formula
from .writing import write

AGREEMENT = 1e-9
"""Relative to the sum of their sizes, how far the sum of the paths may be from what backpropagation
finds: both are float64 sums of the same products in another order, 10⁻¹⁶ each."""


def dependency_graph(
    formula: Formula,
    wrt: Sequence[str],
    point: Mapping[str, float] | None = None,
    definitions: Mapping[str, Formula] | None = None,
    *,
    name: str = "",
) -> DependencyGraph:
    """The graph of a formula of numbers, differentiated by some of its names.

    A part that occurs several times is one node, sums and products with n terms are one node, and a
    name with a definition is a node with its own name. Other results are u₁, u₂ … in the order in
    which they are computed; numbers stand in the expressions.

    Args:
        formula: The result.
        wrt: Names to differentiate by, also such as have definitions.
        point: A number for each name without a definition; without a point there are no numbers.
        definitions: Formulas that names stand for.
        name: Of the result; empty if it has none.

    Returns:
        Edges are numbered in the order in which backpropagation visits them.

    Raises:
        FormulaError: If a name is not in the formula, or something is not made of numbers.
        DomainError: If a part, or a local derivative, has no value at the point.

    Cost: some 0.2 ms an operation.
    """
    known = dict(definitions or {})
    found = quantities(formula, known, name)
    inputs = _inputs(wrt, found, formula)
    given = _given(point, found, formula)
    values = _values(found, given, known)
    reached = _reached(found, inputs)
    visits, links = _backward(found, reached)
    sharp = GraphKinks(local={}, whole={})
    if values is not None and given is not None:
        bits = {node: reached[node] for node in inputs}
        sharp = graph_kinks(found, values, bits, reached, given, known)
    gains = None if values is None else _gains(found, links, values, sharp)
    output = len(found) - 1
    adjoints, sent = _adjoints(links, gains, output, sharp)
    edges = [
        DependencyEdge(
            id=i,
            source=link.source,
            target=link.target,
            argument=link.argument,
            derivative=link.local.text,
            value=None if gains is None else gains[i],
            sent=None if sent is None else sent[i],
            figures="" if values is None else _figures(link, found, values),
            name=_name(link, found),
        )
        for i, link in enumerate(links)
    ]
    labels = [each.label for each in found]
    ways = ways_to(edges, output)
    listed = listed_paths(edges, output, {i: ways[i] for i in inputs}, labels)
    graph = DependencyGraph(
        nodes=tuple(
            DependencyNode(
                id=i,
                kind=_kind(each, i in inputs),
                operation=each.operation,
                label=each.label,
                expression="" if each.expression is None else write(each.expression),
                value=None if values is None else values[i],
                adjoint=adjoints.get(i),
                formula_node=each.formula_node,
            )
            for i, each in enumerate(found)
        ),
        edges=tuple(edges),
        output=output,
        wrt=tuple(inputs),
        paths={labels[i]: listed[i] for i in inputs},
        paths_counted={labels[i]: ways[i] for i in inputs},
        derivative={labels[i]: adjoints.get(i) for i in inputs},
        visits=tuple(visits),
        forward_multiplications=sum(reached[edge.source].bit_count() for edge in edges),
        reverse_multiplications=len(edges),
        notices=sharp.notices,
    )
    _check_sums(graph)
    return graph


# ---- what is asked -------------------------------------------------------------------------------


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name.strip())


def _inputs(wrt: Sequence[str], found: Sequence[Quantity], formula: Formula) -> list[int]:
    names = (wrt,) if isinstance(wrt, str) else wrt
    if not names:
        raise FormulaError("Expected at least one name to differentiate by, found none.")
    typed = {each.label: i for i, each in enumerate(found) if _has_name(each)}
    places: dict[int, None] = {}
    for each in map(_plain, names):
        if each not in typed:
            raise FormulaError(
                f"Expected a variable of the formula to differentiate by, found {each!r}; it has "
                f"{', '.join(typed) or 'none'}.{suggestion(each, typed)}",
                formula.text,
            )
        places[typed[each]] = None
    return list(places)


def _has_name(quantity: Quantity) -> bool:
    """Whether its label is a name that was typed: u₁ is none, since names are read as u1."""
    return _plain(quantity.label) == quantity.label


def _given(
    point: Mapping[str, float] | None, found: Sequence[Quantity], formula: Formula
) -> dict[str, float] | None:
    if point is None:
        return None
    names = [each.label for each in found if _has_name(each)]
    given = {_plain(each): float(value) for each, value in point.items()}
    for each, value in given.items():
        if each not in names:
            raise FormulaError(
                f"Expected values for names of the formula, found one for {each!r}; it has "
                f"{', '.join(names)}.{suggestion(each, names)}",
                formula.text,
            )
        if not math.isfinite(value):
            raise FormulaError(f"Expected a finite number for {each}, found {value}.")
    return given


# ---- numbers -------------------------------------------------------------------------------------


def _values(
    found: Sequence[Quantity],
    point: Mapping[str, float] | None,
    definitions: Mapping[str, Formula],
) -> list[float] | None:
    if point is None:
        return None
    needed = {each.label for each in found} & {*definitions}
    values = values_at({each: definitions[each] for each in needed}, point)
    at: dict[int, Evaluation] = {}
    numbers = []
    for each in found:
        evaluation = at.setdefault(id(each.formula), Evaluation(values, each.formula.text))
        numbers.append(evaluation(each.part))
    return numbers


def _gains(
    found: Sequence[Quantity],
    links: Sequence["_Link"],
    values: Sequence[float],
    sharp: GraphKinks,
) -> list[float | None]:
    """The numbers of the local derivatives; None where a kink leaves none."""
    at = Evaluation({each.label: value for each, value in zip(found, values, strict=True)})
    gains: list[float | None] = []
    for link in links:
        if (link.target, link.source) in sharp.local:
            gains.append(None)
            continue
        try:
            gains.append(link.local.value(at))
        except DomainError as error:
            target, source = found[link.target], found[link.source]
            what = "" if target.expression is None else f" = {write(target.expression)}"
            reason = error.reason.partition(",")[0]
            raise DomainError(
                f"{target.label}{what} has no derivative by {source.label} at {source.label} = "
                f"{values[link.source]:.6g}: it would be {link.local.text}, and {reason}. Choose "
                "another point.",
                target.formula.text,
                target.part.span[0],
            ) from None
    return gains


def _adjoints(
    links: Sequence["_Link"],
    gains: Sequence[float | None] | None,
    output: int,
    sharp: GraphKinks,
) -> tuple[dict[int, float | None], list[float | None] | None]:
    """∂(output)/∂(each node), and what goes back along each edge; None where there is none."""
    if gains is None:
        return {}, None
    adjoints: dict[int, float | None] = {output: 1.0}
    sent: list[float | None] = []
    for link, gain in zip(links, gains, strict=True):
        # all edges to the target were before this one: its adjoint is complete
        whole = adjoints[link.target]
        back: float | None = None
        if whole is not None and gain is not None:
            back = whole * gain + 0.0  # no −0
        elif whole == 0 and not sharp.local[link.target, link.source]:
            back = 0.0  # the result stands still there: that its input has a kink is not felt
        sent.append(back)
        before = adjoints.get(link.source, 0.0)
        adjoints[link.source] = None if before is None or back is None else before + back
    adjoints |= sharp.whole
    if any(adjoint is not None and math.isnan(adjoint) for adjoint in adjoints.values()):
        raise DomainError(
            "The numbers get too large for float64 here, and no derivative is left of them: choose "
            "a point nearer to 0."
        )
    return adjoints, sent


def _check_sums(graph: DependencyGraph) -> None:
    for label, paths in graph.paths.items():
        values = [path.value for path in paths if path.value is not None]
        if len(values) < len(paths):
            continue
        found = graph.derivative[label]
        size = sum(map(abs, values))
        if found is None or not values or not math.isfinite(size):
            continue
        if abs(math.fsum(values) - found) > AGREEMENT * size:
            raise FormulaError(
                f"The paths to {label} add up to {math.fsum(values)!r}, and backpropagation found "
                f"{found!r}: please report this formula, since one of them is wrong."
            )


# ---- the graph -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Link:
    source: int
    target: int
    argument: int
    local: LocalDerivative


def _reached(found: Sequence[Quantity], inputs: Sequence[int]) -> list[int]:
    """For each quantity the inputs that it depends on, one bit an input."""
    bits = {node: 1 << bit for bit, node in enumerate(inputs)}
    masks: list[int] = []
    for i, each in enumerate(found):
        mask = bits.get(i, 0)
        for argument in each.arguments:
            mask |= masks[argument]
        masks.append(mask)
    return masks


def _backward(found: Sequence[Quantity], reached: Sequence[int]) -> tuple[list[int], list[_Link]]:
    """The quantities in the order in which backpropagation reaches them, and the edges likewise.

    As in PyTorch, what was computed last goes first among those whose adjoint is complete, and what
    needs no further work goes before all.
    """
    waiting = [0] * len(found)
    for each in found:
        for argument in each.arguments:
            waiting[argument] += 1
    visits: list[int] = []
    links: list[_Link] = []
    ready = [(True, -(len(found) - 1))]
    while ready:
        _, negated = heapq.heappop(ready)
        node = -negated
        visits.append(node)
        quantity = found[node]
        moving = [(k, a) for k, a in enumerate(quantity.arguments) if reached[a]]
        if quantity.expression is None or not moving:
            continue
        locals_ = local_derivatives(quantity.label, quantity.expression)
        for k, argument in moving:
            links.append(_Link(argument, node, k, locals_[k]))
            waiting[argument] -= 1
            if not waiting[argument]:
                more = any(reached[a] for a in found[argument].arguments)
                heapq.heappush(ready, (more, -argument))
    return visits, links


def _figures(link: _Link, found: Sequence[Quantity], values: Sequence[float]) -> str:
    target = found[link.target]
    near = (*target.arguments, link.target)
    if not all(math.isfinite(values[i]) for i in near):
        return ""
    return link.local.figures({found[i].label: values[i] for i in near})


def _name(link: _Link, found: Sequence[Quantity]) -> str:
    target, source = found[link.target], found[link.source]
    several = target.arguments.count(link.source) > 1
    return edge_name(target.label, source.label, link.argument if several else None)


def _kind(quantity: Quantity, is_input: bool) -> NodeKind:
    if is_input:
        return "input"
    return "constant" if quantity.expression is None else "operation"
