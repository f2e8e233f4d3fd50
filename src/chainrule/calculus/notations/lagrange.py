"""Lagrange: f′(x), which names a function and marks it."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.tree import Name, Node
from chainrule.records.message import Message, joined

from .notation import Chain, Link, Notation, Paper, Sign, Slope

_INSIDES = ("g", "h", "k", "p", "q")
_OUTSIDES = ("f", "F", "h", "k")


class Lagrange(Notation):
    """f′; with the variable below where others are held."""

    id = "lagrange"
    name = "Lagrange"
    about = Message(
        "f′ is a function made from the function f: its value at x is the slope of f there. The "
        "prime does not say by which variable, so where there are several it is written below: f′ₓ."
    )
    wholes = _OUTSIDES

    def explained(self, paper: Paper, slope: Slope) -> str:
        """f′ is a function made from f; its value at t is the slope there."""
        plain, f, x = paper.plain, paper.whole, slope.variable
        prime = self.slope(f, slope, plain)
        where = ", ".join(plain.names)
        which = (
            Message(
                "The prime does not say by which variable, so {variable} is written below it.",
                variable=x,
            )
            if slope.partial
            else Message(
                "The prime does not say by which variable; where there are several, it is written "
                "below."
            )
        )
        made = Message(
            "{prime} is a function made from the function {whole}: its value at {where} is the "
            "slope of {whole} there.",
            prime=prime,
            whole=f,
            where=where,
        )
        return joined([made, which])

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """f, f′ and the prime."""
        f = self.slope(paper.whole, slope, paper)
        return (
            Sign(
                symbol=paper.marks.name(paper.whole),
                kind="function",
                meaning=Message("Takes the variables and gives what the formula computes."),
            ),
            Sign(
                symbol=f,
                kind="function",
                meaning=Message(
                    "Its derivative by {variable}: takes the same, gives the slope.",
                    variable=slope.variable,
                ),
            ),
            Sign(
                symbol=_prime(slope, paper),
                kind="operator",
                meaning=Message("After a function or an expression: the derivative of it."),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """(x²)′."""
        text = self.write(operand, paper)
        whole = _one_sign(text) if isinstance(operand, Name) else paper.marks.group(text)
        return whole + _prime(slope, paper)

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """u′."""
        return _one_sign(paper.marks.name(letter)) + _prime(slope, paper)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """u″ₓᵧ, the first variable first."""
        marks = paper.marks
        primes = marks.prime * 2 if marks.latex else "″"
        called = _one_sign(marks.name(letter)) + primes
        if not first.partial:
            return called
        if marks.latex:
            return f"{called}_{{{marks.name(first.variable)} {marks.name(second.variable)}}}"
        return marks.index(marks.index(called, first.variable), second.variable)

    def given(self, paper: Paper, formula: Node) -> str:
        """f(x) = x²."""
        return self.equation((_of(paper.whole, paper.names, paper), self.write(formula, paper)))

    def asked(self, paper: Paper, slope: Slope) -> str:
        """f′(x)."""
        arguments = ", ".join(map(paper.marks.name, paper.names))
        return self.slope(paper.whole, slope, paper) + paper.marks.group(arguments)

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """f′(1)."""
        arguments = ", ".join(f"{point[each]:g}".replace("-", "−") for each in paper.names)
        return self.slope(paper.whole, slope, paper) + paper.marks.group(arguments)

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """f(g(x))′ = f′(g(x)) · g′(x)."""
        marks = paper.marks
        taken = {*paper.names, *(link.letter for link in links)}
        free = [each for each in (*_OUTSIDES, *_INSIDES) if each not in taken]
        f, inner = free[0], [each for each in _INSIDES if each in free[1:]]
        names = dict(zip((link.letter for link in links), inner, strict=False))
        x = marks.name(slope.variable)
        insides = {letter: marks.name(g) + marks.group(x) for letter, g in names.items()}
        at = marks.group(", ".join(insides.values()))
        ways = []
        outsides = []
        for link in links:
            several = Slope(variable=link.letter, partial=link.partial)
            ways.append(
                self.slope(f, several, paper)
                + at
                + marks.times
                + self.slope(names[link.letter], slope, paper)
                + marks.group(x)
            )
            letters = ", ".join(marks.name(each.letter) for each in links)
            left = self.slope(f, several, paper) + marks.group(letters)
            outsides.append(self.equation((left, self.write(link.derivative, paper))))
        where = [
            self.equation(
                (
                    _of(f, [link.letter for link in links], paper),
                    self.write(links[0].operand, paper),
                )
            ),
            *(
                self.equation((insides[link.letter], self.write(link.inside, paper)))
                for link in links
            ),
        ]
        left = f"{marks.name(f)}{at}"
        return Chain(
            pattern=self.equation((left + _prime(slope, paper), " + ".join(ways))),
            where=tuple(where),
            outside=tuple(outsides),
        )


def _one_sign(name: str) -> str:
    """A name with a LaTeX index as one, since a second index below it would be an error."""
    return f"{{{name}}}" if "_{" in name else name


def _prime(slope: Slope, paper: Paper) -> str:
    prime = paper.marks.prime
    return paper.marks.index(prime, slope.variable) if slope.partial else prime


def _of(function: str, arguments: Sequence[str], paper: Paper) -> str:
    inner = ", ".join(map(paper.marks.name, arguments))
    return paper.marks.name(function) + paper.marks.group(inner)


NOTATION = Lagrange()
