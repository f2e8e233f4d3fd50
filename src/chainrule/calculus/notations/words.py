"""Plain words: what a person says who explains it without signs."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.script import POWER
from chainrule.calculus.speech import Speech
from chainrule.calculus.tree import Name, Node
from chainrule.records.message import Message

from .notation import Chain, Link, Notation, Paper, Sign, Slope


class Words(Notation):
    """Sentences."""

    id = "words"
    name = "plain words"
    about = Message(
        "No signs: every step is a sentence, as one would say it. Parentheses are the short stops "
        "of the speaker."
    )
    style = "words"
    own_script = Speech

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """The derivative."""
        return (
            Sign(
                symbol="the derivative",
                kind="function",
                meaning=Message(
                    "How fast it changes when {variable} does, at each place; at one place it is "
                    "a number.",
                    variable=slope.variable,
                ),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """The derivative of x squared."""
        text = f"the derivative of {paper.script.write_fitted(operand, POWER)}"
        return f"{text} by {slope.variable} alone" if slope.alone else text

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """The derivative of u."""
        text = f"the derivative of {letter}"
        return f"{text} by {slope.variable} alone" if slope.alone else text

    def given(self, paper: Paper, formula: Node) -> str:
        """What is looked for."""
        held = ""
        if paper.held:
            held = f", while {_listed(paper.held)} {'is' if len(paper.held) == 1 else 'are'} held"
        written = paper.script.write_fitted(formula, POWER)
        return _sentence(f"how fast does {written} change when {paper.variable} does{held}?")

    def asked(self, paper: Paper, slope: Slope) -> str:
        """The derivative."""
        return "the derivative"

    def total_derivative(
        self, whole: str, between: Sequence[str], direct: bool, slope: Slope, paper: Paper
    ) -> str:
        """Along each way multiply, and add the ways."""
        first = f"{slope.variable} acts directly, and " if direct else ""
        return (
            f"{first}{slope.variable} acts through {_listed(between)}: along each way multiply the "
            "two derivatives, then add the ways."
        )

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """The derivative."""
        return "the derivative"

    def equation(self, sides: Sequence[str]) -> str:
        """The first is the second; that is, the third."""
        said = [side for i, side in enumerate(sides) if not i or side != sides[i - 1]]
        if len(said) == 1:
            return _sentence(said[0])
        first, second, *rest = said
        return _sentence(f"{first} is {second}" + "".join(f"; that is, {each}" for each in rest))

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """It is the sine of u, and u is x squared."""
        where = [f"the outside is {self.write(links[0].operand, paper)}"]
        where += [
            f"{link.letter} is {self.write(link.inside, paper)}"
            for link in links
            if not isinstance(link.inside, Name)
        ]
        said = []
        for link in links:
            by = f" by {link.letter}" if len(links) > 1 else ""
            rate = self.write(link.derivative, paper)
            said.append(f"the derivative of the outside{by} is {rate}")
        pattern = "Multiply the derivative of the outside by the derivative of the inside."
        if len(links) > 1:
            pattern = "Along each way in, multiply the two derivatives; then add the ways."
        return Chain(pattern=pattern, where=tuple(where), outside=tuple(said))


def _sentence(text: str) -> str:
    first, _, _ = text.partition(" ")
    # x is no X at the start of a sentence
    begun = text[:1].upper() + text[1:] if first in _BEGINNINGS else text
    return begun + ("" if text.endswith(("?", ".")) else ".")


_BEGINNINGS = frozenset({"the", "how", "minus"})


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


NOTATION = Words()
