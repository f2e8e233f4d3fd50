"""Partial derivatives and the gradient: ∂ₓf, an entry of ∇f."""

from chainrule.calculus.tree import Node

from .leibniz import Leibniz
from .notation import Notation, Paper, Sign, Slope

_LEIBNIZ = Leibniz()
"""Total derivatives, in which other names move as well, have a straight d."""


class Partial(Notation):
    """∂ with the variable below it."""

    id = "partial"
    name = "partial and nabla"
    about = (
        "∂ₓf is the slope of f along x, with every other variable held still. ∇f is the vector of "
        "these slopes, one for each variable: the gradient."
    )
    wholes = ("f", "F", "L", "h")

    def explained(self, paper: Paper, slope: Slope) -> str:
        """∂ₜf is the slope of f along t."""
        plain, f, x = paper.plain, paper.whole, slope.variable
        held = ", with every other variable held still" if slope.partial else ""
        return (
            f"{self.slope(f, slope, plain)} is the slope of {f} along {x}{held}. ∇{f} is the "
            "vector of the slopes along all variables: the gradient."
        )

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """f, ∂ₓ, ∂ₓf and ∇f."""
        return (
            Sign(
                symbol=paper.marks.name(paper.whole),
                kind="function",
                meaning="Takes the variables and gives what the formula computes.",
            ),
            Sign(
                symbol=_d(slope, paper),
                kind="operator",
                meaning=f"Gives the slope along {slope.variable}, all other variables held.",
            ),
            Sign(
                symbol=self.slope(paper.whole, slope, paper),
                kind="function",
                meaning="The partial derivative; at one point it is a number.",
            ),
            Sign(
                symbol=paper.marks.nabla + paper.marks.name(paper.whole),
                kind="vector",
                meaning="The gradient: at each point one slope for each variable, "
                f"{', '.join(paper.names)}.",
                shape=(len(paper.names),),
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
