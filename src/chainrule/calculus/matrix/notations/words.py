"""Plain words for matrices."""

from collections.abc import Mapping

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull, Quantity
from chainrule.calculus.matrix.narration import Row
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.speech import MatrixSpeech
from chainrule.calculus.notations import Sign
from chainrule.calculus.tree import Node

from .gradients import GradientNotation
from .notation import MatrixPaper, kind_of


class MatrixWords(GradientNotation):
    """Sentences."""

    id = "words"
    name = "plain words"
    about = (
        "No signs: the gradient at a value is an array of its shape that says, for each entry, how "
        "fast the result changes when that entry does. Parentheses are the short stops of the "
        "speaker."
    )
    style = "words"

    def gradient(self, of: str, by: str) -> str:
        """The gradient at u₁."""
        return f"the gradient at {by}"

    def written(self, node: Node, shapes: Shapes, holes: Mapping[str, str]) -> str:
        """As one says it."""
        return MatrixSpeech(shapes).write(node, holes)

    def equation(self, left: str, right: str) -> str:
        """The first is the second."""
        return f"{left} is {right}"

    def value(self, quantity: Quantity, paper: MatrixPaper) -> str:
        """u₁ is the matrix product of X and w."""
        return f"{paper.small(quantity.name)} is {self.text(quantity.local, paper)}"

    def given(self, paper: MatrixPaper) -> str:
        """L is the sum of all entries of x."""
        found = paper.derivation
        return f"{found.result} is {self.text(found.formula.root, paper)}"

    def opening(self, paper: MatrixPaper) -> Row:
        """What is done from the result back."""
        found = paper.derivation
        said = ""
        if not found.is_number:
            said = (
                f" {found.result} has several entries, each of which counts as much as its entry "
                f"of {paper.seed} says."
            )
        return Row(
            f"Back from {found.result}, one value after the other: how much it changes "
            f"{found.result}, by the gradients of what is made of it.{said}"
        )

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """The gradient at u₂ is 2u₂."""
        left = self.gradient(paper.total, paper.small(known.quantity))
        total, tidy = self.text(known.total, paper), self.text(known.tidy, paper)
        said = f"{left} is {total}"
        return said if total == tidy else f"{said}; that is, {tidy}"

    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """The rule as a sentence."""
        said = super().statement(step, paper)
        return tuple(Row(f"I{each.text[1:]}.") for each in said)

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Only what the sum of all uses does not say already, as sentences."""
        rows = []
        if pull.stretch:
            rows.append(Row(f"From each place it gets {self.text(pull.raw, paper)}."))
            rows.append(Row(pull.stretch))
        if paper.uses(pull.quantity) > 1:
            part, whole = paper.small(pull.quantity), paper.small(step.quantity)
            rows.append(Row(f"By way of {whole}, {part} gets {self.text(pull.term, paper)}."))
        return tuple(rows)

    def so(self, equation: str, extent: str, aside: str) -> Row:
        """What follows, as a sentence."""
        said = f" ({aside})" if aside else ""
        extent = f" {extent}" if extent else ""
        return Row(f"So {equation}{extent}{said}.")

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
                meaning=f"How fast {found.result} changes when an entry of {found.variable} does, "
                "for each entry in its place.",
                shape=found.variable_shape,
            ),
        )


NOTATION = MatrixWords()
