"""The dependency graph of a formula in LaTeX: quantities, local derivatives, paths, their sum."""

import math
from collections.abc import Callable, Sequence

from chainrule.calculus import FormulaError, parse
from chainrule.calculus.latex import Latex
from chainrule.calculus.latex_names import latex_name
from chainrule.calculus.script import PRODUCT
from chainrule.calculus.typeset import as_text, displayed
from chainrule.records.dependency_graph import DependencyEdge, DependencyGraph, DependencyPath

from .dependency_graph import MOST_SHOWN
from .numerals import count, figure, in_latex, plural


def graph_latex(graph: DependencyGraph, *, dollars: bool = False) -> str:
    """A dependency graph as LaTeX, or as Markdown with mathematics between dollar signs.

    First the quantities in the order of evaluation with their values, then the local derivatives,
    then the adjoints in the order in which backpropagation finds them, then the paths to each input
    with their products and the sum.

    Args:
        graph: Of a formula of numbers.
        dollars: For Markdown; else for a document with the package amsmath.
    """
    return _Typesetting(graph, dollars).text()


class _Typesetting:
    def __init__(self, graph: DependencyGraph, dollars: bool) -> None:
        self._graph = graph
        self._dollars = dollars
        self._labels = [node.label for node in graph.nodes]
        self._names = [latex_name(label) for label in self._labels]
        self._script = Latex()
        self._sharp = graph.nodes[graph.output].value is not None and any(
            edge.value is None for edge in graph.edges
        )

    def text(self) -> str:
        graph = self._graph
        result = self._names[graph.output]
        parts = [self._heading(f"Forward, from what is given to ${result}$")]
        parts.append(self._rows([self._quantity(i) for i in range(len(graph.nodes))]))
        if graph.edges:
            parts.append(self._heading("Local derivatives: one input moves, the others are held"))
            parts.append(self._rows([self._local(edge) for edge in graph.edges]))
            parts.append(self._heading(f"Backward, from ${result}$"))
            parts.append(self._rows([row for i in graph.visits for row in self._adjoint(i)]))
        for i in graph.wrt:
            parts += self._paths(i)
        if graph.edges:
            parts.append(self._said(self._cost()))
        parts += [self._said(notice) for notice in graph.notices]
        return "\n\n".join(parts) + "\n"

    # ---- parts ----------------------------------------------------------------------

    def _quantity(self, i: int) -> str:
        node = self._graph.nodes[i]
        sides = [self._formula(node.expression)] if node.expression else []
        sides += [] if node.value is None else [_figure(node.value)]
        held = not node.expression and node.id not in self._graph.wrt
        said = r"\quad\text{(held constant)}" if held else ""
        name = self._names[i]
        return (f"{name} &= {' = '.join(sides)}" if sides else f"{name} &") + said

    def _local(self, edge: DependencyEdge) -> str:
        sides = [self._formula(edge.derivative)]
        sides += [self._formula(edge.figures)] if edge.figures else []
        if edge.value is not None:
            sides.append(_figure(edge.value))
        elif self._sharp:
            sides.append(r"\text{no number here}")
        said = [side for n, side in enumerate(sides) if not n or side != sides[n - 1]]
        return f"{self._edge(edge)} &= {' = '.join(said)}"

    def _adjoint(self, i: int) -> list[str]:
        edges = [edge for edge in self._graph.edges if edge.source == i]
        name = self._whole(i)
        if not edges:
            return [f"{name} &= 1"]
        terms = [
            rf"{self._whole(edge.target)} \cdot {self._formula(edge.derivative, PRODUCT)}"
            for edge in edges
        ]
        rows = [f"{name} &= {' + '.join(terms)}"]
        adjoint = self._graph.nodes[i].adjoint
        if adjoint is None:
            return [*rows, r"&= \text{no number here}"] if self._sharp else rows
        known = [(self._graph.nodes[edge.target].adjoint, edge.value) for edge in edges]
        if all(one is not None and other is not None for one, other in known):
            numbers = " + ".join(rf"{_signed(one)} \cdot {_signed(other)}" for one, other in known)
            return [*rows, f"&= {numbers} = {_figure(adjoint)}"]
        return [*rows, rf"&= {_figure(adjoint)}\quad\text{{(as a limit)}}"]

    def _paths(self, i: int) -> list[str]:
        graph, label = self._graph, self._labels[i]
        paths, many = graph.paths[label], graph.paths_counted[label]
        parts = [self._heading(f"{plural(many, 'path').capitalize()} to ${self._names[i]}$")]
        rows = [row for path in paths[:MOST_SHOWN] for row in self._path(path)]
        derivative = graph.derivative[label]
        whole = self._whole(i)
        values = [path.value for path in paths]
        if derivative is not None:
            added = " + ".join(map(_signed, values))
            complete = 1 < many == len(paths) <= MOST_SHOWN and None not in values
            sides = [added, _figure(derivative)] if complete else [_figure(derivative)]
            rows.append(f"{whole} &= {' = '.join(sides)}")
        elif 1 < many == len(paths) <= MOST_SHOWN:
            rows.append(f"{whole} &= {' + '.join(self._product(path) for path in paths)}")
        if rows:
            parts.append(self._rows(rows))
        if many > MOST_SHOWN:
            left = many - min(len(paths), MOST_SHOWN)
            parts.append(
                self._said(
                    f"{count(left)} more paths are not listed; backpropagation adds all of them up "
                    "without walking them one by one."
                )
            )
        return parts

    def _path(self, path: DependencyPath) -> list[str]:
        product = self._product(path)
        if path.value is None:
            return [f"& {product}"] if not self._sharp else [rf"& {product}:\ \text{{no number}}"]
        factors = [_signed(self._graph.edges[i].value) for i in path.edges]
        sides = [r" \cdot ".join(factors)] if len(factors) > 1 else []
        return [f"& {product} = {' = '.join([*sides, _figure(path.value)])}"]

    def _product(self, path: DependencyPath) -> str:
        edges = [self._edge(self._graph.edges[i]) for i in path.edges]
        return r" \cdot ".join(edges) or "1"

    def _cost(self) -> str:
        graph = self._graph
        return (
            f"Multiplications, one for each edge that is passed: forward "
            f"{count(graph.forward_multiplications)}, backward "
            f"{count(graph.reverse_multiplications)}."
        )

    # ---- pieces ---------------------------------------------------------------------

    def _whole(self, i: int) -> str:
        return rf"\frac{{d {self._names[self._graph.output]}}}{{d {self._names[i]}}}"

    def _edge(self, edge: DependencyEdge) -> str:
        target, source = self._names[edge.target], self._names[edge.source]
        slope = rf"\frac{{\partial {target}}}{{\partial {source}}}"
        _, bracket, place = edge.name.partition(" (")
        return rf"{slope}_{{\text{{{place.removesuffix(')')}}}}}" if bracket else slope

    def _formula(self, text: str, level: int = 0) -> str:
        """A formula in the labels, as it is or as a factor; what is no formula stays a sentence."""
        try:
            root = parse(text, variables=self._labels).root
        except FormulaError:
            return rf"\text{{{as_text(text)}}}"
        return self._script.write_fitted(root, level)

    def _rows(self, rows: Sequence[str]) -> str:
        return displayed(rows, dollars=self._dollars)

    def _heading(self, text: str) -> str:
        return f"**{text}**" if self._dollars else rf"\paragraph{{{text}}}"

    def _said(self, text: str) -> str:
        tell: Callable[[str], str] = str if self._dollars else as_text
        return tell(text)


def _figure(value: float) -> str:
    """A number as LaTeX writes it."""
    return r"\text{undefined}" if math.isnan(value) else in_latex(figure(value))


def _signed(value: float | None) -> str:
    """A number as a factor or term: negative ones in parentheses."""
    text = "?" if value is None else _figure(value)
    return rf"\left({text}\right)" if text.startswith("-") else text
