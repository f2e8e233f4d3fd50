"""What a notation of matrix derivatives is: how a rule is stated, and how what comes of it is told.

There are two kinds. Those that write down how the result answers (Leibniz, ∇, indices, words) say
which gradient each part has. Those that write down changes (differentials, primes, operators) say
how a change of the parts changes the whole, and move the cotangent to the other side.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from chainrule.calculus.matrix.derivation import (
    Cotangent,
    DifferentialStep,
    MatrixDerivation,
    Pull,
    Quantity,
)
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.in_letters import free_name, quantity_text
from chainrule.calculus.matrix.narrated_shapes import shapes_of
from chainrule.calculus.matrix.narration import Mathematics, Row
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.text import mathematics
from chainrule.calculus.notations.notation import Sign, SignKind
from chainrule.calculus.tree import Name, Node
from chainrule.records.message import Message, Translate


@dataclass(frozen=True, slots=True)
class MatrixPaper:
    """What a derivation is written on.

    Attributes:
        derivation: All of it.
        shapes: Of all that it has names for.
        total: What has the gradients: the result; of a vector or matrix, the sum of its entries,
            each times one of the seed.
        direction: What the change of the variable is called where it has a letter: H.
    """

    derivation: MatrixDerivation
    shapes: Shapes
    total: str
    direction: str

    @classmethod
    def of(cls, derivation: MatrixDerivation) -> "MatrixPaper":
        """That of a derivation, with letters that it does not use."""
        taken = {*derivation.names, *(each.name for each in derivation.quantities)}
        taken |= {each.name for each in derivation.cotangents}
        total = derivation.result
        if not derivation.is_number:
            total = free_name(("s", "r", "t"), taken)
        direction = free_name(("H", "K", "Δ"), taken | {total})
        return cls(derivation, shapes_of(derivation), total, direction)

    def small(self, called: str) -> str:
        """U3 as u₃, if the derivation made the name."""
        return quantity_text(called, self.derivation)

    def quantity(self, called: str) -> Quantity:
        """A value on the way by its name."""
        return next(each for each in self.derivation.quantities if each.name == called)

    def uses(self, called: str) -> int:
        """From how many places a quantity gets a cotangent."""
        pulls = [pull for step in self.derivation.steps for pull in step.pulls]
        return sum(pull.quantity == called for pull in pulls)

    @property
    def seed(self) -> str:
        """The letter of the cotangent of a result that is no number; empty for a number."""
        found = self.derivation.seed
        return found.text if isinstance(found, Name) else ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that stand in formulas, for the typesetter."""
        found = self.derivation
        made = [each.name for each in found.quantities]
        made += [each.name for each in found.cotangents if each.name]
        seed = found.seed.name if isinstance(found.seed, Name) else ""
        named = [*found.names, *made, seed, self.total, self.direction]
        return tuple(dict.fromkeys(filter(None, named)))


class MatrixNotation(ABC):
    """A way of writing derivatives by vectors and matrices.

    Attributes:
        id: As it is typed.
        name: As a person says it.
        about: What its signs mean, with {x} for the variable, {y} for the result, {s} for the
            number that has the gradients, and {h} for the direction of a change.
        style: `mathematics`, `words` or `code`.
        of_entries: Whether its equations are those of single entries.
    """

    id: str
    name: str
    about: str
    style: str = "mathematics"
    of_entries: bool = False

    def in_language(self, translate: Translate) -> "MatrixNotation":
        """The same for another language: only words compose their formulas of messages."""
        return self

    def explained(self, paper: MatrixPaper) -> str:
        """What its signs mean here."""
        found = paper.derivation
        return Message(
            self.about, x=found.variable, y=found.result, s=paper.total, h=paper.direction
        )

    def text(self, node: Node, paper: MatrixPaper) -> str:
        """An expression."""
        return mathematics(node, paper.shapes)

    def whole(self, node: Node, paper: MatrixPaper) -> str:
        """What stands for the gradient, or a step of the algebra that leads to it."""
        return self.text(node, paper)

    def value(self, quantity: Quantity, paper: MatrixPaper) -> str:
        """A value on the way, as an equation: u₁ = X w."""
        return f"{paper.small(quantity.name)} = {self.text(quantity.local, paper)}"

    def given(self, paper: MatrixPaper) -> str:
        """What is differentiated, as an equation."""
        found = paper.derivation
        return f"{found.result} = {self.text(found.formula.root, paper)}"

    @abstractmethod
    def opening(self, paper: MatrixPaper) -> Row:
        """What is done from the result back."""

    @abstractmethod
    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """The rule of a step."""

    @abstractmethod
    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """What one part gets."""

    @abstractmethod
    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """All that a quantity gets, as an equation."""

    def so(self, equation: str, extent: str, aside: str) -> Row:
        """What follows from a step.

        Args:
            equation: As `settled` gives it.
            extent: For which entries it holds, if it is one number for several.
            aside: The algebra on the way.
        """
        found = Mathematics(equation)
        if not extent:
            return Row(Message("so {equation}", equation=found), aside)
        return Row(Message("so {equation} {extent}", equation=found, extent=extent), aside)

    @abstractmethod
    def asked(self, paper: MatrixPaper) -> str:
        """What is looked for: ∂L/∂w."""

    @abstractmethod
    def collected(self, paper: MatrixPaper) -> Row:
        """The gradient in the learner's own parts."""

    def answer(self, paper: MatrixPaper) -> str:
        """The gradient as an equation."""
        return f"{self.asked(paper)} = {self.whole(paper.derivation.gradient, paper)}"

    @abstractmethod
    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """What this notation writes beside the derivation's own symbols."""


def weighed(paper: MatrixPaper) -> str:
    """What is said of a result that is no number: s = ⟨G, L⟩; empty for a number."""
    if paper.derivation.is_number:
        return ""
    return f"{paper.total} = ⟨{paper.seed}, {paper.derivation.result}⟩"


def put_together(equation: str) -> Row:
    """The gradient in the learner's own parts, as an equation."""
    return Row(Message("Put together: {equation}", equation=Mathematics(equation)))


def from_each_place(gradient: str) -> Row:
    """What a part that is stretched gets in each place."""
    return Row(Message("from each place it gets {gradient}", gradient=Mathematics(gradient)))


def by_way_of(whole: str, part: str, gradient: str) -> Row:
    """What a part gets from one of several uses."""
    return Row(
        Message(
            "{part} gets, by way of {whole}: {gradient}",
            part=Mathematics(part),
            whole=Mathematics(whole),
            gradient=Mathematics(gradient),
        )
    )


def kind_of(shape: Shape) -> SignKind:
    """What a value of a shape is."""
    kinds: tuple[SignKind, ...] = ("number", "vector", "matrix")
    return kinds[len(shape)] if len(shape) < len(kinds) else "array"
