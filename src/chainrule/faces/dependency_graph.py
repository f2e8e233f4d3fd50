"""The dependency graph of a computation as text: forward, backward, path by path, and its cost."""

from collections.abc import Sequence

from chainrule.records.dependency_graph import DependencyEdge, DependencyGraph, DependencyPath
from chainrule.records.message import Message, Translate, told

from .numerals import count, figure
from .page import Page

MOST_SHOWN = 8
"""Paths to one input that are written down; each takes two lines and more."""


WHERE = Message("where(c, a, b) is a where c > 0, and b elsewhere.")
"""What a learner is told of local derivatives that are one thing here and another there."""


def draw_graph(page: Page, graph: DependencyGraph, say: Translate = str) -> None:
    """Write a dependency graph on a page.

    First come the quantities in the order of evaluation, with their values and local derivatives,
    then the adjoints in the order in which backpropagation finds them, then the paths to each input
    with their products and the sum, then what the two directions cost.

    Args:
        page: Where to.
        graph: The graph.
        say: Translates the words around the formulas; English without it.
    """
    drawing = _Drawing(page, graph, say)
    drawing.forward()
    if graph.edges:
        drawing.backward()
    drawing.paths()
    if graph.edges:
        drawing.cost()


class _Drawing:
    def __init__(self, page: Page, graph: DependencyGraph, say: Translate) -> None:
        self._page = page
        self._translate = say
        self._graph = graph
        self._labels = [node.label for node in graph.nodes]
        self._into: dict[int, list[DependencyEdge]] = {}
        self._out_of: dict[int, list[DependencyEdge]] = {}
        for edge in graph.edges:
            self._into.setdefault(edge.target, []).append(edge)
            self._out_of.setdefault(edge.source, []).append(edge)
        self._result = self._labels[graph.output]
        # in ASCII ∂ is d, so the whole derivative needs another letter
        self._whole = "d" if page.unicode else "D"
        with_numbers = graph.nodes[graph.output].value is not None
        # a kink at the point leaves a local derivative without a number
        self._sharp = with_numbers and any(edge.value is None for edge in graph.edges)

    # ---- forward ------------------------------------------------------------------------------

    def forward(self) -> None:
        page, nodes = self._page, self._graph.nodes
        self._heading(
            Message("Forward"), Message(", from what is given to {result}", result=self._result)
        )
        page.line()
        width = max(len(label) for label in self._labels)
        whole = [f"{node.label:<{width}} = {node.expression or node.label}" for node in nodes]
        made = [text for text, node in zip(whole, nodes, strict=True) if node.expression]
        room = min(max((len(text) for text in made), default=0), page.width // 2)
        for text, node in zip(whole, nodes, strict=True):
            value = "" if node.value is None else f" = {figure(node.value)}"
            if node.expression:
                self._quantity(text, value, room, self._into.get(node.id, []))
            else:
                held = "" if node.id in self._graph.wrt else f"   {self._say('held constant')}"
                page.line(f"  {node.label:<{width}}{value}".rstrip(), (held, "dim"))
        if any("where(" in edge.derivative for edge in self._graph.edges):
            page.line()
            page.paragraph((self._say(WHERE), "dim"), indent=2)

    def _quantity(self, text: str, value: str, room: int, edges: Sequence[DependencyEdge]) -> None:
        page = self._page
        slopes = [self._local(edge) for edge in edges]
        column = 2 + room + _NUMBER
        first = f"  {text:<{room}}{value}"
        beside = column + max(map(len, slopes), default=0) <= page.width and len(first) < column
        if beside:
            page.line(
                f"{first:<{column}}" if slopes else first, (slopes[0] if slopes else "", "cyan")
            )
            for slope in slopes[1:]:
                page.line(" " * column, (slope, "cyan"))
            return
        page.formula(first)
        for slope in slopes:
            page.formula(f"      {slope}")

    def _local(self, edge: DependencyEdge) -> str:
        name = edge.name or f"∂{self._labels[edge.target]}/∂{self._labels[edge.source]}"
        sides = [edge.derivative, edge.figures]
        sides.append("" if edge.value is None else figure(edge.value))
        said = dict.fromkeys(side.replace("−", "-") for side in sides if side)
        missing = f": {self._no_number}" if edge.value is None and self._sharp else ""
        return f"{name} = {' = '.join(said)}{missing}"

    # ---- backward -----------------------------------------------------------------------------

    def backward(self) -> None:
        page, graph = self._page, self._graph
        page.line()
        self._heading(
            Message("Backward"),
            Message(", from {result}, in the order of backpropagation", result=self._result),
        )
        page.line()
        page.paragraph(
            self._say(
                Message(
                    "∂ is a local derivative: one input of one operation moves, the others are "
                    "held. {whole} is the whole derivative: all that depends on the quantity moves "
                    "with it.",
                    whole=self._whole,
                )
            ),
            indent=2,
        )
        page.line()
        width = max(len(self._adjoint(i)) for i in graph.visits)
        for i in graph.visits:
            name = f"  {self._adjoint(i):<{width}} = "
            edges = self._out_of.get(i, [])
            if not edges:
                page.formula(f"{name}1")
                continue
            terms = [f"{self._adjoint(e.target)} · {_factor(e.derivative)}" for e in edges]
            page.formula(name + " + ".join(terms))
            adjoint = graph.nodes[i].adjoint
            if adjoint is None and self._sharp:
                page.line(f"{' ' * (len(name) - 2)}: {self._no_number}")
            elif self._sharp and any(edge.value is None for edge in edges) and adjoint is not None:
                limit = f"  {self._say('as a limit')}"
                page.line(f"{' ' * (len(name) - 2)}= {figure(adjoint)}", (limit, "dim"))
            elif adjoint is not None:
                blank = " " * (len(name) - 2)
                numbers = " + ".join(self._numbers(edge) for edge in edges)
                page.formula(f"{blank}= {numbers} = {figure(adjoint)}")

    def _adjoint(self, node: int) -> str:
        return f"{self._whole}{self._result}/{self._whole}{self._labels[node]}"

    def _numbers(self, edge: DependencyEdge) -> str:
        before = self._graph.nodes[edge.target].adjoint
        return f"{_signed(before)} · {_signed(edge.value)}"

    # ---- paths --------------------------------------------------------------------------------

    def paths(self) -> None:
        page, graph = self._page, self._graph
        page.line()
        self._heading(
            Message("Paths"),
            Message(": along each the local derivatives multiply; the products add"),
        )
        for i in graph.wrt:
            label = self._labels[i]
            paths, many = graph.paths[label], graph.paths_counted[label]
            page.line()
            paths_counted = (
                Message("1 path") if many == 1 else Message("{count} paths", count=count(many))
            )
            page.line(f"  {self._say('to')} ", (label, "bold"), f": {self._say(paths_counted)}")
            for n, path in enumerate(paths[:MOST_SHOWN], 1):
                self._path(f"    {n}. " if many > 1 else "    ", path)
            if many > MOST_SHOWN:
                shown = min(len(paths), MOST_SHOWN)
                page.paragraph(self._unlisted(many - shown, shown), indent=4)
            self._sum(label, paths, many)
        if graph.notices:
            page.line()
        for notice in graph.notices:
            page.paragraph((self._say(notice), "yellow"), indent=2)

    def _path(self, lead: str, path: DependencyPath) -> None:
        self._page.formula(lead + path.product)
        if path.value is None:
            if self._sharp:
                self._page.line(f"{' ' * len(lead)}: {self._no_number}")
            return
        if not path.edges:
            self._page.formula(f"{' ' * len(lead)}= 1")
            return
        several = len(path.edges) > 1
        factors = " · ".join(_signed(self._graph.edges[i].value) for i in path.edges)
        left = f"{' ' * len(lead)}= {factors} " if several else " " * len(lead)
        self._page.formula(f"{left}= {figure(path.value)}")

    def _unlisted(self, left: int, shown: int) -> str:
        message = (
            Message(
                "… and {count} more; backpropagation adds all of them up without walking them one "
                "by one.",
                count=count(left),
            )
            if shown
            else Message(
                "{count} of them, too many to list; backpropagation adds all of them up without "
                "walking them one by one.",
                count=count(left),
            )
        )
        return self._say(message)

    def _sum(self, label: str, paths: Sequence[DependencyPath], many: int) -> None:
        derivative = self._graph.derivative[label]
        name = f"    {self._adjoint(self._labels.index(label))}"
        if derivative is None:
            if self._sharp:
                self._page.line(f"{name}: {self._no_number}")
            return
        if self._sharp and any(path.value is None for path in paths):
            limit = f"  {self._say('as a limit')}"
            self._page.line(f"{name} = {figure(derivative)}", (limit, "dim"))
        elif 1 < len(paths) <= MOST_SHOWN and many == len(paths):
            terms = " + ".join(_signed(path.value) for path in paths)
            self._page.formula(f"{name} = {terms} = {figure(derivative)}")
        else:
            self._page.formula(f"{name} = {figure(derivative)}")

    # ---- cost ---------------------------------------------------------------------------------

    def cost(self) -> None:
        page, graph = self._page, self._graph
        inputs = len(graph.wrt)
        times = graph.forward_multiplications
        multiplications = (
            Message("1 multiplication")
            if times == 1
            else Message("{count} multiplications", count=count(times))
        )
        page.line()
        self._heading(Message("Cost"), Message(": one multiplication for each edge that is passed"))
        page.line()
        forward = (
            Message("Forward, one sweep for the input: {cost}.", cost=multiplications)
            if inputs == 1
            else Message(
                "Forward, one sweep for each of the {inputs} inputs: {cost}.",
                inputs=inputs,
                cost=multiplications,
            )
        )
        back = count(graph.reverse_multiplications)
        backward = (
            Message("Backward, one sweep for all of them: {cost}.", cost=back)
            if inputs > 1
            else Message(
                "Backward, one sweep: {cost}. With one input and one result both ways cost the "
                "same.",
                cost=back,
            )
        )
        page.paragraph(self._say(forward), indent=2)
        page.paragraph(self._say(backward), indent=2)

    # ---- words --------------------------------------------------------------------------------

    def _heading(self, word: Message, rest: Message) -> None:
        self._page.line((self._say(word), "bold"), self._say(rest))

    def _say(self, text: str) -> str:
        return told(text, self._translate)

    @property
    def _no_number(self) -> str:
        return self._say("no number here")


_NUMBER = len(" = -0.0012345") + 1
"""Columns of a value."""


def _factor(text: str) -> str:
    """A derivative as a factor: a sum or a quotient in parentheses."""
    inner = text[1:] if text.startswith("-") else text
    depth = 0
    for i, character in enumerate(inner):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in "+-/" and inner[i - 1 : i] == " ":
            return f"({text})"
    return f"({text})" if text.startswith("-") or " where " in text else text


def _signed(value: float | None) -> str:
    """A number as a factor or term: negative ones in parentheses."""
    text = "?" if value is None else figure(value)
    return f"({text})" if text.startswith("-") else text
