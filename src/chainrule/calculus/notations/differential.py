"""Differentials: dy, the change of y along its tangent when x changes by dx."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.build import is_number, multiply, name
from chainrule.calculus.derivation import HOLE, PRIME
from chainrule.calculus.tree import Name, Node, distinct
from chainrule.records.message import Message, joined

from .leibniz import Leibniz
from .notation import Chain, Link, Notation, Paper, Sign, Slope

_LEIBNIZ = Leibniz()
_CHANGE = f"{HOLE}d"
"""Before a letter: the change of it."""


class Differential(Notation):
    """d(…) on the left, a slope times dx on the right."""

    id = "differential"
    name = "differential"
    about = Message(
        "dx is a small change of x, and dy the change of y that goes with it, along the tangent. "
        "What is held constant has the differential 0. The slope is what stands before dx."
    )

    def explained(self, paper: Paper, slope: Slope) -> str:
        """Dt is a small change of t."""
        y, x = paper.whole, slope.variable
        said = [
            Message(
                "d{x} is a small change of {x}, and d{y} the change of {y} that goes with it, "
                "along the tangent.",
                x=x,
                y=y,
            )
        ]
        if slope.partial:
            said.append(Message("What is held constant has the differential 0."))
        return joined([*said, Message("The slope is what stands before d{x}.", x=x)])

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """dx, dy and d."""
        return (
            Sign(
                symbol=paper.marks.name(paper.whole),
                kind="number",
                meaning=Message("What the formula computes; it depends on the variables."),
            ),
            Sign(
                symbol=self._change(slope.variable, paper),
                kind="number",
                meaning=Message(
                    "A small change of {variable}, of any size that one likes.",
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=self._change(paper.whole, paper),
                kind="number",
                meaning=Message(
                    "The change of {whole} that goes with it, along the tangent: the slope times "
                    "d{variable}.",
                    whole=paper.whole,
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol="d",
                kind="operator",
                meaning=Message("Gives the change of what stands in the parentheses after it."),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """d(x²)."""
        if slope.alone:
            # a differential lets everything move; one alone has a slope, no differential
            return _LEIBNIZ.pending(operand, slope, paper)
        return "d" + paper.marks.group(self.write(operand, paper))

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """Of u: du."""
        return _LEIBNIZ.slope(letter, slope, paper) if slope.alone else self._change(letter, paper)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """Of u: d²u, of which an entry is one term."""
        return f"d^{{2}} {paper.marks.name(letter)}" if paper.marks.latex else f"d²{letter}"

    def direct(self, pending: str, slope: Slope, paper: Paper) -> str:
        """∂z/∂t · dt."""
        return pending + paper.marks.times + self._change(slope.variable, paper)

    def _change(self, letter: str, paper: Paper) -> str:
        shown = paper.marks.name(letter)
        return f"d {shown}" if shown.startswith("\\") else f"d{shown}"

    def write(self, node: Node, paper: Paper, holes: Mapping[str, str] | None = None) -> str:
        """An expression; changes in it are written as such."""
        names = {each.name for each in distinct(node) if isinstance(each, Name)}
        changes = {
            each: self._change(each.removeprefix(_CHANGE), paper)
            for each in names
            if each.startswith(_CHANGE)
        }
        for each in names:
            if each.endswith(PRIME):
                top = self._change(each.removesuffix(PRIME), paper)
                changes[each] = paper.marks.over(top, self._change(paper.variable, paper))
        return super().write(node, paper, {**changes, **(holes or {})})

    def total(self, derivative: Node, slope: Slope) -> Node:
        """2x · dx."""
        if slope.alone or is_number(derivative, 0):
            return derivative
        if isinstance(derivative, Name) and derivative.name.endswith(PRIME):
            return name(_CHANGE + derivative.name.removesuffix(PRIME))
        change = name(_CHANGE + slope.variable)
        return change if is_number(derivative, 1) else multiply(derivative, change)

    def total_derivative(
        self, whole: str, between: Sequence[str], direct: bool, slope: Slope, paper: Paper
    ) -> str:
        """Dz = ∂z/∂t · dt + ∂z/∂x · dx."""
        marks = paper.marks
        terms = []
        for each in (*((slope.variable,) if direct else ()), *between):
            top, bottom = marks.partial + marks.name(whole), marks.partial + marks.name(each)
            terms.append(marks.over(top, bottom) + marks.times + self._change(each, paper))
        return self.equation((self._change(whole, paper), " + ".join(terms)))

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """Dy : dx, as a fraction of two small changes."""
        top, bottom = self._change(paper.whole, paper), self._change(slope.variable, paper)
        return paper.marks.over(top, bottom)

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """Dy = cos(u) · du."""
        if slope.alone:
            return _LEIBNIZ.chain(whole, links, slope, paper)
        outside = [
            self.write(multiply(link.derivative, name(_CHANGE + link.letter)), paper)
            for link in links
        ]
        change = self.slope(whole, slope, paper)
        return Chain(
            pattern=self.equation((change, " + ".join(outside))),
            where=self.where(whole, links, paper),
            outside=(),
        )


NOTATION = Differential()
