"""Plain words: what a person says who explains it without signs."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.script import POWER
from chainrule.calculus.speech import Speech
from chainrule.calculus.tree import Name, Node
from chainrule.records.message import Message, Translate, listed, told

from .notation import Chain, Link, Notation, Paper, Sign, Slope


class Words(Notation):
    """Sentences.

    Args:
        say: Translates them; English without it.
    """

    id = "words"
    name = "plain words"
    about = Message(
        "No signs: every step is a sentence, as one would say it. Parentheses are the short stops "
        "of the speaker."
    )
    style = "words"
    own_script = Speech

    def __init__(self, say: Translate = str) -> None:
        self._translate = say

    def in_language(self, translate: Translate) -> "Words":
        """Sentences of that language."""
        return Words(translate)

    def writer(self, ln: str) -> Speech:
        """Speech in the same language."""
        return Speech(ln, self._translate)

    def _say(self, message: Message) -> str:
        return told(message, self._translate)

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """The derivative."""
        return (
            Sign(
                symbol=self._say(Message("the derivative")),
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
        return self._derivative(paper.script.write_fitted(operand, POWER), slope)

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """The derivative of u."""
        return self._derivative(letter, slope)

    def entry(self, letter: str, slope: Slope, paper: Paper) -> str:
        """The derivative of u by x."""
        said = Message(
            "the derivative of {letter} by {variable}", letter=letter, variable=slope.variable
        )
        return self._say(said)

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """The derivative of u by x and then by y."""
        said = Message(
            "the derivative of {letter} by {first} and then by {second}",
            letter=letter,
            first=first.variable,
            second=second.variable,
        )
        return self._say(said)

    def _derivative(self, operand: str, slope: Slope) -> str:
        if slope.alone:
            said = Message(
                "the derivative of {operand} by {variable} alone",
                operand=operand,
                variable=slope.variable,
            )
        else:
            said = Message("the derivative of {operand}", operand=operand)
        return self._say(said)

    def given(self, paper: Paper, formula: Node) -> str:
        """What is looked for."""
        fields = {
            "formula": paper.script.write_fitted(formula, POWER),
            "variable": paper.variable,
        }
        if not paper.held:
            said = Message("how fast does {formula} change when {variable} does?", **fields)
        elif len(paper.held) == 1:
            said = Message(
                "how fast does {formula} change when {variable} does, while {names} is held?",
                names=paper.held[0],
                **fields,
            )
        else:
            said = Message(
                "how fast does {formula} change when {variable} does, while {names} are held?",
                names=listed(paper.held),
                **fields,
            )
        return _sentence(self._say(said))

    def asked(self, paper: Paper, slope: Slope) -> str:
        """The derivative."""
        return self._say(Message("the derivative"))

    def total_derivative(
        self, whole: str, between: Sequence[str], direct: bool, slope: Slope, paper: Paper
    ) -> str:
        """Along each way multiply, and add the ways."""
        fields = {"variable": slope.variable, "names": listed(between)}
        if direct:
            said = Message(
                "{variable} acts directly, and {variable} acts through {names}: along each way "
                "multiply the two derivatives, then add the ways.",
                **fields,
            )
        else:
            said = Message(
                "{variable} acts through {names}: along each way multiply the two derivatives, "
                "then add the ways.",
                **fields,
            )
        return self._say(said)

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """The derivative."""
        return self._say(Message("the derivative"))

    def equation(self, sides: Sequence[str]) -> str:
        """The first is the second; that is, the third."""
        said = [side for i, side in enumerate(sides) if not i or side != sides[i - 1]]
        if len(said) == 1:
            return _sentence(said[0])
        first, second, *rest = said
        whole = Message("{first} is {second}", first=first, second=second)
        for each in rest:
            whole = Message("{first}; that is, {second}", first=whole, second=each)
        return _sentence(self._say(whole))

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """It is the sine of u, and u is x squared."""
        outer = Message("the outside is {outside}", outside=self.write(links[0].operand, paper))
        where = [self._say(outer)]
        where += [
            self._say(
                Message(
                    "{first} is {second}",
                    first=link.letter,
                    second=self.write(link.inside, paper),
                )
            )
            for link in links
            if not isinstance(link.inside, Name)
        ]
        said = []
        for link in links:
            rate = self.write(link.derivative, paper)
            said.append(
                Message(
                    "the derivative of the outside by {letter} is {rate}",
                    letter=link.letter,
                    rate=rate,
                )
                if len(links) > 1
                else Message("the derivative of the outside is {rate}", rate=rate)
            )
        pattern = (
            Message("Along each way in, multiply the two derivatives; then add the ways.")
            if len(links) > 1
            else Message("Multiply the derivative of the outside by the derivative of the inside.")
        )
        return Chain(
            pattern=self._say(pattern),
            where=tuple(where),
            outside=tuple(map(self._say, said)),
        )


def _sentence(text: str) -> str:
    first, _, _ = text.partition(" ")
    # x is no X at the start of a sentence
    begun = text[:1].upper() + text[1:] if first in _BEGINNINGS else text
    return begun + ("" if text.endswith(("?", ".")) else ".")


_BEGINNINGS = frozenset({"the", "how", "minus", "die", "der", "das", "wie"})
"""First words of sentences, in any of the languages."""


NOTATION = Words()
