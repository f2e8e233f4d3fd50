"""Partial derivatives and the gradient: ∂ₓf, an entry of ∇f."""

from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .leibniz import Leibniz
from .notation import Notation, Paper, Sign, Slope

_LEIBNIZ = Leibniz()
"""Total derivatives, in which other names move as well, have a straight d."""


class Partial(Notation):
    """∂ with the variable below it."""

    id = "partial"
    name = "partial and nabla"
    about = Message(
        "∂ₓf is the slope of f along x, with every other variable held still. ∇f is the vector of "
        "these slopes, one for each variable: the gradient."
    )
    wholes = ("f", "F", "L", "h")

    def explained(self, paper: Paper, slope: Slope) -> str:
        """∂ₜf is the slope of f along t."""
        plain, f, x = paper.plain, paper.whole, slope.variable
        said = {"slope": self.slope(f, slope, plain), "whole": f, "variable": x}
        if slope.partial:
            return Message(
                "{slope} is the slope of {whole} along {variable}, with every other variable held "
                "still. ∇{whole} is the vector of the slopes along all variables: the gradient.",
                **said,
            )
        return Message(
            "{slope} is the slope of {whole} along {variable}. ∇{whole} is the vector of the "
            "slopes along all variables: the gradient.",
            **said,
        )

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """f, ∂ₓ, ∂ₓf and ∇f."""
        if paper.total:
            return (*_LEIBNIZ.signs(paper, slope), *self._alone(paper))
        return (
            Sign(
                symbol=paper.marks.name(paper.whole),
                kind="function",
                meaning=Message("Takes the variables and gives what the formula computes."),
            ),
            Sign(
                symbol=_d(slope, paper),
                kind="operator",
                meaning=Message(
                    "Gives the slope along {variable}, all other variables held.",
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=self.slope(paper.whole, slope, paper),
                kind="function",
                meaning=Message("The partial derivative; at one point it is a number."),
            ),
            Sign(
                symbol=paper.marks.nabla + paper.marks.name(paper.whole),
                kind="vector",
                meaning=Message(
                    "The gradient: at each point one slope for each variable, {names}.",
                    names=", ".join(paper.names),
                ),
                shape=(len(paper.names),),
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
        """∂ₓ(x²)."""
        if paper.total and not slope.alone:
            return _LEIBNIZ.pending(operand, slope, paper)
        return _d(slope, paper) + paper.marks.group(self.write(operand, paper))

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """∂ₓu."""
        if paper.total and not slope.alone:
            return _LEIBNIZ.slope(letter, slope, paper)
        return paper.marks.applied(_d(slope, paper), letter)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """∂ᵧ∂ₓu."""
        inner = paper.marks.applied(_d(first, paper), letter)
        return paper.marks.before(_d(second, paper), inner)

    def asked(self, paper: Paper, slope: Slope) -> str:
        """(∇f)ₓ = ∂ₓf."""
        if paper.total:
            return self.slope(paper.whole, slope, paper)
        gradient = paper.marks.group(paper.marks.nabla + paper.marks.name(paper.whole))
        entry = paper.marks.index(gradient, slope.variable)
        return self.equation((entry, self.slope(paper.whole, slope, paper)))


def _d(slope: Slope, paper: Paper) -> str:
    return paper.marks.index(paper.marks.partial, slope.variable)


NOTATION = Partial()
