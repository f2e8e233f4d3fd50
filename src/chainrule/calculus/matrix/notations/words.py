"""Plain words for matrices."""

from collections.abc import Mapping

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull, Quantity
from chainrule.calculus.matrix.narration import Row
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.speech import MatrixSpeech
from chainrule.calculus.notations import Sign
from chainrule.calculus.tree import Node
from chainrule.records.message import Message, Translate, joined, told

from .gradients import GradientNotation
from .notation import MatrixPaper, kind_of


class MatrixWords(GradientNotation):
    """Sentences.

    Args:
        say: Translates them; English without it.
    """

    id = "words"
    name = "plain words"
    about = (
        "No signs: the gradient at a value is an array of its shape that says, for each entry, how "
        "fast the result changes when that entry does. Parentheses are the short stops of the "
        "speaker."
    )
    style = "words"

    def __init__(self, say: Translate = str) -> None:
        self._translate = say

    def in_language(self, translate: Translate) -> "MatrixWords":
        """Sentences of that language."""
        return MatrixWords(translate)

    def _say(self, message: Message) -> str:
        return told(message, self._translate)

    def gradient(self, of: str, by: str) -> str:
        """The gradient at u₁."""
        return self._say(Message("the gradient at {value}", value=by))

    def written(self, node: Node, shapes: Shapes, holes: Mapping[str, str]) -> str:
        """As one says it."""
        return MatrixSpeech(shapes, self._translate).write(node, holes)

    def equation(self, left: str, right: str) -> str:
        """The first is the second."""
        return self._say(Message("{first} is {second}", first=left, second=right))

    def value(self, quantity: Quantity, paper: MatrixPaper) -> str:
        """u₁ is the matrix product of X and w."""
        return self.equation(paper.small(quantity.name), self.text(quantity.local, paper))

    def given(self, paper: MatrixPaper) -> str:
        """L is the sum of all entries of x."""
        found = paper.derivation
        return self.equation(found.result, self.text(found.formula.root, paper))

    def opening(self, paper: MatrixPaper) -> Row:
        """What is done from the result back."""
        found = paper.derivation
        said = Message(
            "Back from {result}, one value after the other: how much it changes {result}, by the "
            "gradients of what is made of it.",
            result=found.result,
        )
        if found.is_number:
            return Row(said)
        several = Message(
            "{result} has several entries, each of which counts as much as its entry of {seed} "
            "says.",
            result=found.result,
            seed=paper.seed,
        )
        return Row(joined([said, several]))

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """The gradient at u₂ is 2u₂."""
        left = self.gradient(paper.total, paper.small(known.quantity))
        total, tidy = self.text(known.total, paper), self.text(known.tidy, paper)
        said = self.equation(left, total)
        if total == tidy:
            return said
        return self._say(Message("{first}; that is, {second}", first=said, second=tidy))

    def stated(self, whole: str, gradients: str) -> Row:
        """The rule as a sentence."""
        said = told(gradients, self._translate)
        return Row(Message("If {equation}, then {gradients}.", equation=whole, gradients=said))

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Only what the sum of all uses does not say already, as sentences."""
        rows = []
        if pull.stretch:
            raw = self.text(pull.raw, paper)
            rows.append(Row(Message("From each place it gets {gradient}.", gradient=raw)))
            rows.append(Row(pull.stretch))
        if paper.uses(pull.quantity) > 1:
            part, whole = paper.small(pull.quantity), paper.small(step.quantity)
            said = Message(
                "By way of {whole}, {part} gets {gradient}.",
                whole=whole,
                part=part,
                gradient=self.text(pull.term, paper),
            )
            rows.append(Row(said))
        return tuple(rows)

    def so(self, equation: str, extent: str, aside: str) -> Row:
        """What follows, as a sentence."""
        said = equation
        if extent:
            said = Message("{equation} {extent}", equation=said, extent=extent)
        if aside:
            said = Message("{sentence} ({aside})", sentence=said, aside=aside)
        return Row(Message("So {sentence}.", sentence=said))

    def asked(self, paper: MatrixPaper) -> str:
        """The gradient at w."""
        return self.gradient(paper.total, paper.derivation.variable)

    def answer(self, paper: MatrixPaper) -> str:
        """The gradient at w is 2w."""
        return self.equation(self.asked(paper), self.text(paper.derivation.gradient, paper))

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """The gradient."""
        found = paper.derivation
        return (
            Sign(
                symbol=self.asked(paper),
                kind=kind_of(found.variable_shape),
                meaning=Message(
                    "How fast {result} changes when an entry of {variable} does, for each entry in "
                    "its place.",
                    result=found.result,
                    variable=found.variable,
                ),
                shape=found.variable_shape,
            ),
        )


NOTATION = MatrixWords()
