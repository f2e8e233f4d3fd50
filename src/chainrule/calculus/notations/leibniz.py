"""Leibniz: dy/dx, which says of what and by what."""

from chainrule.calculus.tree import Node
from chainrule.records.message import Message, joined

from .notation import Notation, Paper, Sign, Slope


class Leibniz(Notation):
    """d/dx; with round d where other variables are held."""

    id = "leibniz"
    name = "Leibniz"
    about = Message(
        "dy/dx is how much y changes for a small change of x, over that change. It is one sign and "
        "no fraction. With a round d, ∂y/∂x, the other variables are held still."
    )

    def explained(self, paper: Paper, slope: Slope) -> str:
        """dz/dt is how much z changes for a small change of t."""
        plain, y, x = paper.plain, paper.whole, slope.variable
        said = [
            Message(
                "{slope} is how much {whole} changes for a small change of {variable}, over that "
                "change. It is one sign and no fraction.",
                slope=self.slope(y, slope, plain),
                whole=y,
                variable=x,
            )
        ]
        if slope.partial:
            said.append(Message("The round d says that the other variables are held still."))
        elif paper.between:
            own = Slope(variable=paper.between[0], partial=True)
            said.append(
                Message(
                    "With a round d, {slope}, everything else in the formula is held still.",
                    slope=self.slope(y, own, plain),
                )
            )
        return joined(said)

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """y, dy/dx and d/dx."""
        marks, x = paper.marks, paper.marks.name(slope.variable)
        d = _d(slope, paper)
        return (
            Sign(
                symbol=marks.name(paper.whole),
                kind="number",
                meaning=Message("What the formula computes; it depends on the variables."),
            ),
            Sign(
                symbol=self.slope(paper.whole, slope, paper),
                kind="function",
                meaning=Message(
                    "The slope of {whole} along {variable}, wherever one asks; at one point it is "
                    "a number.",
                    whole=paper.whole,
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=marks.over(d.strip(), f"{d}{x}"),
                kind="operator",
                meaning=Message(
                    "Takes what stands in the parentheses after it, and gives its slope."
                ),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """d/dx(x²)."""
        d = _d(slope, paper)
        sign = paper.marks.over(d.strip(), f"{d}{paper.marks.name(slope.variable)}")
        return sign + paper.marks.group(self.write(operand, paper))

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """du/dx."""
        d, marks = _d(slope, paper), paper.marks
        return marks.over(f"{d}{marks.name(letter)}", f"{d}{marks.name(slope.variable)}")

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """∂²u/∂y∂x."""
        d, marks = _d(first, paper), paper.marks
        two = "^{2}" if marks.latex else "²"
        below = f"{d}{marks.name(second.variable)}"
        if first.variable == second.variable:
            below += two
        else:
            below += f"{'' if not marks.latex else ' '}{d}{marks.name(first.variable)}"
        return marks.over(
            f"{d.strip()}{two}{' ' if marks.latex else ''}{marks.name(letter)}", below
        )


def _d(slope: Slope, paper: Paper) -> str:
    return paper.marks.partial if slope.partial else "d"


NOTATION = Leibniz()
