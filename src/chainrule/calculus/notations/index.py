"""Index notation: the variables are numbered, and ∂₁ is the slope along the first."""

from collections.abc import Sequence

from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .leibniz import Leibniz
from .notation import Chain, Link, Notation, Paper, Sign, Slope

_LEIBNIZ = Leibniz()
"""Total derivatives, in which other names move as well, have a straight d."""


class Index(Notation):
    """∂ with the number of the variable below it."""

    id = "index"
    name = "index"
    about = Message(
        "The variables are the entries of one vector, numbered in the order in which they stand in "
        "the formula; ∂₁f is the slope along the first. A chain adds up its ways with Σₖ."
    )
    wholes = ("f", "F", "L", "h")
    insides = tuple(f"u{small}" for small in "₁₂₃₄₅₆₇₈₉")

    def explained(self, paper: Paper, slope: Slope) -> str:
        """∂₁f is the slope along t."""
        plain, f, x = paper.plain, paper.whole, slope.variable
        return Message(
            "The variables are the entries of one vector, numbered in the order in which they "
            "stand in the formula; {slope} is the slope of {whole} along {variable}. A chain adds "
            "up its ways with Σₖ.",
            slope=self.slope(f, slope, plain),
            whole=f,
            variable=x,
        )

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """f, the numbered variables, ∂ᵢ and Σₖ."""
        if paper.total:
            return (*_LEIBNIZ.signs(paper, slope), *self._alone(paper))
        vector = _vector(paper)
        return (
            Sign(
                symbol=paper.marks.name(paper.whole),
                kind="function",
                meaning=Message("Takes the variables and gives what the formula computes."),
            ),
            Sign(
                symbol=paper.marks.name(vector),
                kind="vector",
                meaning=Message(
                    "All variables in one: {names}, numbered from 1.",
                    names=", ".join(paper.numbered),
                ),
                shape=(len(paper.numbered),),
            ),
            Sign(
                symbol=_d(slope, paper),
                kind="operator",
                meaning=Message(
                    "Gives the slope along the entry of that number, {variable}.",
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=paper.marks.total.strip(),
                kind="operator",
                meaning=Message("Adds up what follows, once for each inside u₁, u₂, …"),
            ),
        )

    def _alone(self, paper: Paper) -> tuple[Sign, ...]:
        """What differentiates by one name while the others, which move as well, are held."""
        if not paper.between:
            return ()
        first = paper.between[0]
        return (
            Sign(
                symbol=_d(Slope(variable=first, partial=True, alone=True), paper),
                kind="operator",
                meaning=Message(
                    "Gives the slope along {first} alone, while the other names are held still; "
                    "likewise for each of them.",
                    first=first,
                ),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """∂₁(x²)."""
        if paper.total and not slope.alone:
            return _LEIBNIZ.pending(operand, slope, paper)
        return _d(slope, paper) + paper.marks.group(self.write(operand, paper))

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """∂₁u."""
        if paper.total and not slope.alone:
            return _LEIBNIZ.slope(letter, slope, paper)
        return paper.marks.applied(_d(slope, paper), letter)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """∂₂∂₁u."""
        inner = paper.marks.applied(_d(first, paper), letter)
        return paper.marks.before(_d(second, paper), inner)

    def asked(self, paper: Paper, slope: Slope) -> str:
        """∂₁f, with ∂₁ = ∂/∂x."""
        return self.slope(paper.whole, slope, paper)

    def given(self, paper: Paper, formula: Node) -> str:
        """F = x²y, with x₁ = x, x₂ = y."""
        marks = paper.marks
        vector = _vector(paper)
        numbered = ", ".join(
            self.equation((marks.index(vector, str(i)), marks.name(each)))
            for i, each in enumerate(paper.numbered, 1)
        )
        between = r",\quad " if marks.latex else ", with "
        return super().given(paper, formula) + between + numbered

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """∂₁f = Σₖ ∂f/∂uₖ · ∂₁uₖ."""
        if paper.total and not slope.alone:
            return _LEIBNIZ.chain(whole, links, slope, paper)
        marks = paper.marks
        u = marks.index("u", "k")
        f = marks.name(whole)
        inner = _d(slope, paper) + (" " if marks.latex else "") + u
        general = marks.total + marks.over(f"{marks.partial}{f}", f"{marks.partial}{u}")
        general += marks.times + inner
        left = self.slope(whole, slope, paper)
        ways, outside = [], []
        for link in links:
            letter = marks.name(link.letter)
            outer = marks.over(f"{marks.partial}{f}", f"{marks.partial}{letter}")
            ways.append(outer + marks.times + self.slope(link.letter, slope, paper))
            outside.append(self.equation((outer, self.write(link.derivative, paper))))
        return Chain(
            pattern=self.equation((left, general, " + ".join(ways))),
            where=self.where(whole, links, paper),
            outside=tuple(outside),
        )


def _vector(paper: Paper) -> str:
    """A letter that no variable has."""
    return next(each for each in "xzθ" if each not in paper.numbered)


def _d(slope: Slope, paper: Paper) -> str:
    marks = paper.marks
    if slope.variable in paper.numbered:
        return marks.index(marks.partial, str(paper.numbered.index(slope.variable) + 1))
    return marks.index(marks.partial, slope.variable)


NOTATION = Index()
