"""Operators: D takes a function and gives its derivative."""

from collections.abc import Sequence

from chainrule.calculus.tree import Node
from chainrule.records.message import Message, joined

from .notation import Chain, Link, Notation, Paper, Sign, Slope


class Operator(Notation):
    """D; with the variable below where others are held."""

    id = "operator"
    name = "operator"
    about = Message(
        "D is a machine that takes a function and gives back its derivative, another function. "
        "f ∘ g is f after g. Dₓ says by which variable where there are several."
    )
    wholes = ("f", "F", "h", "k")

    def explained(self, paper: Paper, slope: Slope) -> str:
        """D gives the derivative by t."""
        said = [
            Message(
                "D is a machine that takes a function and gives back its derivative, another "
                "function. f ∘ g is f after g."
            )
        ]
        if slope.partial:
            said.append(
                Message(
                    "{operator} says that it is the one by {variable}.",
                    operator=_d(slope, paper.plain),
                    variable=slope.variable,
                )
            )
        return joined(said)

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """f, D and D f."""
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
                    "Takes a function and gives its derivative by {variable}.",
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=self.slope(paper.whole, slope, paper),
                kind="function",
                meaning=Message("The derivative: at one point it is a number, the slope there."),
            ),
            Sign(
                symbol=paper.marks.after_composition.strip(),
                kind="operator",
                meaning=Message(
                    "One function after another: f ∘ g takes g first, and f of what comes out."
                ),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """D(x²)."""
        return _d(slope, paper) + paper.marks.group(self.write(operand, paper))

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """D u."""
        return paper.marks.applied(_d(slope, paper), letter)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """D_y D_x u."""
        inner = paper.marks.applied(_d(first, paper), letter)
        return paper.marks.before(_d(second, paper), inner)

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """D(f ∘ g) = (D f ∘ g) · D g."""
        marks = paper.marks
        taken = {*paper.names, *(link.letter for link in links)}
        free = [each for each in ("f", "F", "h", "k", "g", "p", "q") if each not in taken]
        f, inner = free[0], [each for each in free[1:] if each != "F"]
        inner = (["g"] if "g" in inner else []) + [each for each in inner if each != "g"]
        names = dict(zip((link.letter for link in links), inner, strict=False))
        together = ", ".join(map(marks.name, names.values()))
        after = marks.after_composition + (marks.group(together) if len(links) > 1 else together)
        ways, outsides = [], []
        letters = marks.group(", ".join(marks.name(link.letter) for link in links))
        for link in links:
            outer = self.slope(f, Slope(variable=link.letter, partial=link.partial), paper)
            way = marks.group(outer + after) + marks.times
            ways.append(way + self.slope(names[link.letter], slope, paper))
            left = marks.group(outer) + letters
            outsides.append(self.equation((left, self.write(link.derivative, paper))))
        function = marks.name(f) + letters
        where = [self.equation((function, self.write(links[0].operand, paper)))]
        for link in links:
            inside = marks.name(names[link.letter]) + marks.group(marks.name(slope.variable))
            where.append(self.equation((inside, self.write(link.inside, paper))))
        left = _d(slope, paper) + marks.group(marks.name(f) + after)
        return Chain(
            pattern=self.equation((left, " + ".join(ways))),
            where=tuple(where),
            outside=tuple(outsides),
        )


def _d(slope: Slope, paper: Paper) -> str:
    return paper.marks.index("D", slope.variable) if slope.partial else "D"


NOTATION = Operator()
