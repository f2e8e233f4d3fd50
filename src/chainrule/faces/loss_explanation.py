"""Backpropagation from a loss of the user's own, in the terminal and in a notebook."""

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from chainrule.records.dependency_graph import DependencyEdge, DependencyNode
from chainrule.records.loss_explanation import EntryStep, EntrySum, EntryTerm, LossExplanation

from .dependency_graph import draw_graph
from .numerals import count, number, plural
from .page import Page

DIGITS = 4
"""Of the numbers: with three, products that a reader checks by hand are off in the last one."""

NOTEBOOK_WIDTH = 100
"""Columns of the text in a notebook's cell."""

_GRADIENT = re.compile(r"(?<![\w.])G(?![A-Za-z0-9_.\[])")


def write_loss_explanation(page: Page, explanation: LossExplanation) -> None:
    """Write how the gradient of a loss comes about.

    A loss whose parts are all single numbers is written as the dependency graph of a formula is;
    one with tensors in shapes and norms, with one entry worked out in full.
    """
    writing = _Writing(page, explanation)
    writing.head()
    if explanation.scalar:
        draw_graph(page, explanation.graph)
    else:
        writing.forward()
        writing.backward()
        writing.entry()
        writing.chain()
        writing.cost()
    writing.notes()
    page.line()


def loss_explanation_text(explanation: LossExplanation, width: int = NOTEBOOK_WIDTH) -> str:
    """The same as plain text."""
    stream = io.StringIO()
    write_loss_explanation(Page(stream, width=width, color=False), explanation)
    return stream.getvalue()


def loss_explanation_markdown(explanation: LossExplanation) -> str:
    """The same for a notebook: the equations keep their columns."""
    text = loss_explanation_text(explanation).strip("\n")
    return f"```text\n{text}\n```\n"


class _Writing:
    def __init__(self, page: Page, explanation: LossExplanation) -> None:
        self._page, self._told = page, explanation
        self._graph = explanation.graph
        self._nodes = explanation.graph.nodes
        self._out_of: dict[int, list[DependencyEdge]] = {}
        for edge in explanation.graph.edges:
            self._out_of.setdefault(edge.source, []).append(edge)

    def head(self) -> None:
        told, page = self._told, self._page
        names = ", ".join(self._nodes[i].label for i in self._graph.wrt)
        page.line()
        page.item(
            ("chainrule  ", "bold"),
            (f"{told.output} = {number(told.loss, DIGITS)}", "bold cyan"),
            (f", differentiated by {names}", "dim"),
        )
        page.line()

    # ---- the graph ---------------------------------------------------------------------------

    def forward(self) -> None:
        page = self._page
        page.line(("Forward", "bold"), f", from what is given to {self._told.output}")
        page.line()
        width = max(len(node.label) for node in self._nodes)
        texts = [_made(node, width) for node in self._nodes]
        fits = [len(text) for text in texts if len(text) <= page.width // 2]
        column = max(fits, default=0) + 2
        for node, text in zip(self._nodes, texts, strict=True):
            size = f"{_shape(node)}  {_size(node)}".strip()
            what = node.operation or ("" if node.kind == "input" else "held constant")
            if len(text) < column:
                page.line(f"  {text:<{column}}{size}", (f"  {what}" if what else "", "dim"))
            else:
                page.formula(f"  {text}")
                page.line(" " * (column + 2), size, (f"  {what}" if what else "", "dim"))

    def backward(self) -> None:
        page, told = self._page, self._told
        page.line()
        page.line(("Backward", "bold"), f", from {told.output}, in the order autograd takes")
        page.line()
        page.paragraph(
            "Each gradient has the shape of its tensor. The gain beside an operation is "
            "‖what it sends‖ / ‖what it received‖.",
            indent=2,
        )
        page.line()
        for i in self._graph.visits:
            node = self._nodes[i]
            name = f"  {self._adjoint(node)} = "
            edges = self._out_of.get(i, [])
            if i == self._graph.output or not edges:
                page.formula(f"{name}1")
                continue
            for n, edge in enumerate(edges):
                lead = name if n == 0 else " " * (len(name) - 2) + "+ "
                gain = "" if edge.value is None else f"   gain {number(edge.value, DIGITS)}"
                self._contribution(lead + self._sent(edge), gain, edge)
            if node.adjoint is not None:
                size = number(node.adjoint, DIGITS)
                blank = " " * (len(name) - 2)
                norm = f"= {size}" if math.prod(node.shape) == 1 else f"{_shape(node)}, norm {size}"
                page.line(f"{blank}{norm}")

    def _contribution(self, text: str, gain: str, edge: DependencyEdge) -> None:
        page = self._page
        one = math.prod(self._nodes[edge.source].shape) == 1
        if one and math.prod(self._nodes[edge.target].shape) == 1:
            gain = ""  # the local derivative itself, which is in the formula
        if len(text) + len(gain) <= page.width:
            page.line((text, "cyan"), (gain, "dim"))
        else:
            page.formula(text)
            page.line(" " * 6, (gain.strip(), "dim"))

    def _sent(self, edge: DependencyEdge) -> str:
        """What an operation sends, with G under its full name."""
        target, source = self._nodes[edge.target], self._nodes[edge.source]
        adjoint = self._adjoint(target)
        if math.prod(target.shape) == math.prod(source.shape) == 1:
            value = "" if edge.value is None else f" = {number(edge.value, DIGITS)}"
            figures = f" = {edge.figures}" if edge.figures else ""
            return f"{adjoint} · ({edge.derivative})   [{edge.derivative}{figures}{value}]"
        if any(node.label == "G" for node in self._nodes):
            return f"{edge.derivative}, with G = {adjoint}"
        named = _GRADIENT.sub(
            lambda found: f"({adjoint})" if found.string[found.end() :][:1] == "ᵀ" else adjoint,
            edge.derivative,
        )
        known = named != edge.derivative or target.operation == ""
        return named if known else f"{target.operation}({adjoint}): {edge.derivative}"

    def _adjoint(self, node: DependencyNode) -> str:
        return f"∂{self._told.output}/∂{node.label}"

    # ---- one entry ---------------------------------------------------------------------------

    def entry(self) -> None:
        told, page = self._told, self._page
        if not told.steps:
            return
        page.line()
        page.line(("One entry in full", "bold"), f": {told.steps[0].label}")
        page.line()
        if told.entry_was_chosen:
            page.paragraph(
                "It has the largest gradient of its tensor; entry=… asks for another.", indent=2
            )
            page.line()
        said = False
        for n, together in enumerate(_runs(told.steps)):
            if n:
                page.line()
            if n and not said:
                page.line(("  and so on along the largest term:", "dim"))
                page.line()
            said = said or n > 0
            self._moved(together) if len(together) > 1 else self._step(together[0])

    def _moved(self, steps: Sequence[EntryStep]) -> None:
        """Steps that only say where an entry went: one chain of equal gradients."""
        name = f"  ∂{self._told.output}/∂{steps[0].label}"
        blank = " " * len(name)
        for n, step in enumerate(steps):
            self._page.formula(f"{blank if n else name} = {step.sums[0].symbols}")
        self._page.formula(f"{blank} = {number(steps[0].value, DIGITS)}")

    def _step(self, step: EntryStep) -> None:
        page = self._page
        name = f"  ∂{self._told.output}/∂{step.label}"
        blank = " " * len(name)
        several = len(step.sums) > 1
        for n, each in enumerate(step.sums):
            lead = f"{name} = " if n == 0 else f"{blank} + "
            if each.unknown:
                page.formula(f"{lead}{number(each.exact, DIGITS)}")
                page.paragraph((each.unknown, "dim"), indent=6)
                continue
            page.formula(f"{lead}{each.symbols}")
        known = [each for each in step.sums if not each.unknown]
        for n, each in enumerate(known):
            worked = _worked(each) or (number(each.exact, DIGITS) if several else "")
            if worked:
                lead = f"{blank} {'=' if n == 0 else '+'} "
                inside = several and (worked.startswith("-") or " + " in worked)
                page.formula(f"{lead}({worked})" if inside else lead + worked)
        if known:
            page.formula(f"{blank} = {number(step.value, DIGITS)}")

    # ---- the whole ---------------------------------------------------------------------------

    def chain(self) -> None:
        told, page = self._told, self._page
        if not told.chain:
            return
        page.line()
        label = self._nodes[self._graph.wrt[0]].label
        page.line(("The chain", "bold"), f": ‖∂{told.output}/∂{label}‖ as a product")
        page.line()
        left = 1.0
        for factor in told.chain:
            node, target = self._nodes[factor.node], self._nodes[factor.target]
            left *= factor.gain * factor.merge
            merge = ""
            if not math.isclose(factor.merge, 1.0, rel_tol=1e-6):
                merge = f" × {number(factor.merge)} by other ways that meet there"
            page.line(
                f"  × {number(factor.gain):<10}{node.operation.rpartition('::')[2]:<28}",
                f"→ ‖{self._adjoint(target)}‖ = {number(left, DIGITS)}",
                (merge, "dim"),
            )
        ways = self._graph.paths_counted[label]
        if ways > 1:
            page.line()
            page.paragraph(
                f"{count(ways)} ways lead from {told.output} to {label}; this is the one by which "
                "most of the gradient came.",
                indent=2,
            )

    def cost(self) -> None:
        graph, page = self._graph, self._page
        if not graph.reverse_multiplications:
            return
        page.line()
        page.line(("Cost", "bold"), ", in multiplications by local derivatives")
        page.line()
        page.paragraph(
            f"Backward, one sweep for all entries: {count(graph.reverse_multiplications)}. "
            f"Forward, one sweep for each entry: {count(graph.forward_multiplications)}.",
            indent=2,
        )

    def notes(self) -> None:
        told, page = self._told, self._page
        page.line()
        page.paragraph(
            (f"{plural(told.checked, 'number')} compared with torch.autograd.grad.", "dim"),
            indent=2,
        )
        for note in told.notes:
            page.item(f"  {page.glyphs.note} ", note)


def _made(node: DependencyNode, width: int) -> str:
    made = node.expression if node.expression and node.expression != node.label else ""
    return f"{node.label:<{width}} = {made}" if made else f"{node.label:<{width}}"


def _shape(node: DependencyNode) -> str:
    return f"[{', '.join(map(str, node.shape))}]" if node.shape else ""


def _size(node: DependencyNode) -> str:
    if node.value is not None:
        return f"= {number(node.value, DIGITS)}"
    return "not kept" if node.norm is None else f"norm {number(node.norm, DIGITS)}"


def _runs(steps: Sequence[EntryStep]) -> list[list[EntryStep]]:
    """Steps in a row that change no number are one group, every other is one of its own."""
    runs: list[list[EntryStep]] = []
    for step in steps:
        if runs and _moves(step) and _moves(runs[-1][-1]):
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _moves(step: EntryStep) -> bool:
    if len(step.sums) != 1 or step.sums[0].unknown or step.sums[0].count != 1:
        return False
    (term,) = step.sums[0].terms
    return not term.figures and bool(term.adjoint_label)


def _worked(each: EntrySum) -> str:
    """The terms with their numbers; empty where that says no more than the result."""
    if not each.terms:
        return ""
    written = [_term(term) for term in each.terms]
    if each.count == 1 and (not each.terms[0].figures or written[0] == each.symbols):
        return ""
    left = each.count - len(each.terms)
    if left:
        written.append(f"… ({plural(left, 'more term')}: {number(each.rest, DIGITS)})")
    return " + ".join(written)


def _term(term: EntryTerm) -> str:
    if not term.adjoint_label:
        return term.figures or "1"
    parts = [_factor(term.figures)] if term.figures else []
    parts.append(_factor(number(term.adjoint, DIGITS)))
    return " · ".join(parts)


def _factor(text: str) -> str:
    """A number or a sum as a factor: in parentheses unless it is one positive number."""
    loose = text.startswith("-") or _at_top(text, lambda part: part in (" + ", " - "))
    return f"({text})" if loose else text


def _at_top(text: str, wanted: Callable[[str], bool]) -> bool:
    depth = 0
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and wanted(text[i : i + 3]):
            return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExplainedLoss(LossExplanation):
    """An explanation that shows itself: `print` writes it, a notebook renders it."""

    def __str__(self) -> str:
        return loss_explanation_text(self)

    def __repr__(self) -> str:
        names = ", ".join(self.norms)
        return f"<{self.output} = {number(self.loss)}, differentiated by {names}>"

    def _repr_markdown_(self) -> str:
        return loss_explanation_markdown(self)


def shown(explanation: LossExplanation) -> ExplainedLoss:
    """The same explanation, as one that shows itself."""
    return ExplainedLoss(
        **{each.name: getattr(explanation, each.name) for each in fields(explanation)}
    )
