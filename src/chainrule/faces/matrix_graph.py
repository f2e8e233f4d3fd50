"""The dependency graph of vectors and matrices, in the terminal, typeset, and as JSON."""

import io

from chainrule.calculus.matrix import shape_text
from chainrule.calculus.matrix.graph import MatrixGraph
from chainrule.records.dependency_graph import DependencyNode

from .dependency_document import dependency_document
from .dependency_graph import MOST_SHOWN
from .document import Json
from .numerals import count, plural
from .page import Page

WIDTH = 100
"""Columns of the text in LaTeX and Markdown, where it stands as it is."""


def write_matrix_graph(page: Page, found: MatrixGraph) -> None:
    """Write it: forward, back along the edges, path by path, and the cost of both directions."""
    _Drawing(page, found).write()


def matrix_graph_typeset(found: MatrixGraph, *, dollars: bool = False) -> str:
    """The same for LaTeX or Markdown: verbatim, since its columns say what belongs together."""
    stream = io.StringIO()
    write_matrix_graph(Page(stream, width=WIDTH, color=False), found)
    text = stream.getvalue().strip("\n")
    if dollars:
        return f"```text\n{text}\n```\n"
    return f"\\begin{{verbatim}}\n{text}\n\\end{{verbatim}}\n"


def matrix_graph_document(found: MatrixGraph) -> dict[str, Json]:
    """The document of `dependency_document`, with rules, gradients and what each path brings."""
    return {
        **dependency_document(found.graph),
        "rules": [{"name": name, "differential": rule} for name, rule in found.rules],
        "gradients": dict(found.gradients),
        "brought": {label: list(each) for label, each in found.brought.items()},
    }


class _Drawing:
    def __init__(self, page: Page, found: MatrixGraph) -> None:
        self._page, self._found, self._graph = page, found, found.graph
        self._nodes = found.graph.nodes
        self._result = self._nodes[self._graph.output].label

    def write(self) -> None:
        self._forward()
        self._backward()
        self._paths()
        self._cost()

    def _forward(self) -> None:
        page, nodes = self._page, self._nodes
        page.line(("Forward", "bold"), ", from what is given to ", self._result)
        page.line()
        width = max(len(node.label) for node in nodes)
        texts = [
            f"{node.label:<{width}} = {node.expression}" if node.expression else node.label
            for node in nodes
        ]
        column = 2 + min(max(map(len, texts)), page.width // 2)
        for node, text in zip(nodes, texts, strict=True):
            value = self._found.values[node.id]
            size = _shape(node) + (f" = {value}" if value else "")
            held = "   held constant" if node.kind == "constant" else ""
            first = f"  {text:<{column}}"
            if len(text) < column and len(first) + len(size) <= page.width:
                page.line(first, size, (held, "dim"))
            else:
                page.formula(f"  {text}")
                page.formula(f"      {size}{held}")
        page.line()

    def _backward(self) -> None:
        page, graph, found = self._page, self._graph, self._found
        page.line(("Backward", "bold"), f", from {self._result}, in the order of backpropagation")
        page.line()
        page.paragraph(
            "An edge is a linear map J: a small change passes it forward as J du, a gradient G "
            "comes back through its transpose as Jᵀ G. Each gradient has the shape of its "
            "quantity; where several edges meet, what comes back adds.",
            indent=2,
        )
        page.line()
        for i in graph.visits:
            node = self._nodes[i]
            lead = f"  {self._gradient(node)} = "
            edges = [edge for edge in graph.edges if edge.source == i]
            if not edges:
                page.formula(f"{lead}1")
                continue
            for n, edge in enumerate(edges):
                before = lead if n == 0 else f"{' ' * (len(lead) - 2)}+ "
                page.formula(before + found.sent[edge.id])
                name, rule = found.rules[edge.id]
                target = self._nodes[edge.target]
                page.paragraph(
                    (f"{name}: {rule}; {_shape(target)} → {_shape(node)}", "dim"), indent=8
                )
            if found.adjoints[i]:
                page.formula(f"{' ' * (len(lead) - 2)}= {found.adjoints[i]}")
        page.line()

    def _paths(self) -> None:
        page, graph, found = self._page, self._graph, self._found
        page.line(
            ("Paths", "bold"), ": along each the maps follow one another; what they bring adds"
        )
        for i in graph.wrt:
            node = self._nodes[i]
            paths, many = graph.paths[node.label], graph.paths_counted[node.label]
            brought = found.brought[node.label]
            page.line()
            page.line("  to ", (node.label, "bold"), f": {plural(many, 'path')}")
            for n, path in enumerate(paths[:MOST_SHOWN]):
                way = [
                    self._result,
                    *(self._nodes[graph.edges[e].source].label for e in path.edges),
                ]
                page.formula(f"    {n + 1}. {' ← '.join(way)}")
                if brought:
                    page.formula(f"       brings {brought[n]}")
            if many > MOST_SHOWN:
                page.paragraph(
                    f"… and {count(many - min(len(paths), MOST_SHOWN))} more; backpropagation adds "
                    "all of them up without walking them one by one.",
                    indent=4,
                )
            page.formula(f"    {self._gradient(node)} = {found.gradients[node.label]}")
            if found.adjoints[i]:
                page.formula(f"    {' ' * len(self._gradient(node))} = {found.adjoints[i]}")
        for notice in graph.notices:
            page.line()
            page.paragraph((notice, "yellow"), indent=2)
        page.line()

    def _cost(self) -> None:
        graph, page = self._graph, self._page
        page.line(("Cost", "bold"), ", in passes of an edge")
        page.line()
        page.paragraph(
            f"Backward, one sweep for all entries of all inputs: "
            f"{count(graph.reverse_multiplications)}. Forward, one sweep for each entry: "
            f"{count(graph.forward_multiplications)}.",
            indent=2,
        )

    def _gradient(self, node: DependencyNode) -> str:
        return f"∂{self._result}/∂{node.label}"


def _shape(node: DependencyNode) -> str:
    return shape_text(node.shape).removeprefix("a ")
