"""Notations that say which gradient each part has."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.in_letters import COTANGENT, rule_in_letters
from chainrule.calculus.matrix.narration import Mathematics, Row
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.text import mathematics
from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .notation import (
    MatrixNotation,
    MatrixPaper,
    by_way_of,
    from_each_place,
    put_together,
    weighed,
)


class GradientNotation(MatrixNotation):
    """The gradient of the result by each value on the way has a sign of its own."""

    @abstractmethod
    def gradient(self, of: str, by: str) -> str:
        """The gradient of something by something: ∂L/∂u₁."""

    def written(self, node: Node, shapes: Shapes, holes: Mapping[str, str]) -> str:
        """An expression, with gradients in the places of the names of cotangents."""
        return mathematics(node, shapes, holes)

    def text(self, node: Node, paper: MatrixPaper) -> str:
        """An expression; G₂ is written as the gradient that it is."""
        holes = {
            each.name: self.gradient(paper.total, paper.small(each.quantity))
            for each in paper.derivation.cotangents
            if each.name
        }
        return self.written(node, paper.shapes, holes)

    def opening(self, paper: MatrixPaper) -> Row:
        """Which gradients are meant."""
        result = paper.derivation.result
        if paper.derivation.is_number:
            return Row(
                Message(
                    "Back from {result}: the gradient {gradient} of each value u, of the shape of "
                    "u",
                    result=result,
                    gradient=Mathematics(self.gradient(paper.total, "u")),
                )
            )
        return Row(
            Message(
                "Back from {result}, of which any entries may be asked for: {seed} says which. All "
                "gradients are those of {total}, the sum of the products of their entries",
                result=result,
                seed=paper.seed,
                total=Mathematics(weighed(paper)),
            )
        )

    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Y = A b, and the gradients by A and b."""
        rule = rule_in_letters(paper.derivation, step)
        if rule is None:
            return ()
        of = "L" if paper.derivation.is_number else paper.total
        holes = {COTANGENT: self.gradient(of, rule.whole)}
        if not rule.pulls:
            return ()
        gradients = [
            self.equation(self.gradient(of, letter), self.written(tree, rule.shapes, holes))
            for letter, tree in rule.pulls
        ]
        whole = self.equation(rule.whole, self.written(rule.node, rule.shapes, holes))
        return (self.stated(whole, _one_and_another(gradients)),)

    def stated(self, whole: str, gradients: str) -> Row:
        """A rule, of what it is for and of what gradients it gives."""
        return Row(
            Message(
                "if {equation}, then {gradients}",
                equation=Mathematics(whole),
                gradients=gradients,
            )
        )

    def equation(self, left: str, right: str) -> str:
        """Two that are equal."""
        return f"{left} = {right}"

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Only what the sum of all uses does not say already."""
        rows = []
        if pull.stretch:
            rows.append(from_each_place(self.text(pull.raw, paper)))
            rows.append(Row(pull.stretch))
        if paper.uses(pull.quantity) > 1:
            part, whole = paper.small(pull.quantity), paper.small(step.quantity)
            rows.append(by_way_of(whole, part, self.text(pull.term, paper)))
        return tuple(rows)

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """∂L/∂u₂ = 2u₂."""
        left = self.gradient(paper.total, paper.small(known.quantity))
        total, tidy = self.text(known.total, paper), self.text(known.tidy, paper)
        return " = ".join([left, total] if total == tidy else [left, total, tidy])

    def asked(self, paper: MatrixPaper) -> str:
        """∂L/∂w; of what is no number, Jᵀ G as well."""
        found = paper.derivation
        sign = self.gradient(paper.total, found.variable)
        return sign if found.is_number else f"{sign} = Jᵀ{paper.seed}"

    def collected(self, paper: MatrixPaper) -> Row:
        """With all put in."""
        left = self.gradient(paper.total, paper.derivation.variable)
        right = self.text(paper.derivation.collected, paper)
        return put_together(self.equation(left, right))


def _one_and_another(equations: Sequence[str]) -> str:
    found: str = Mathematics(equations[0])
    for each in equations[1:]:
        found = Message("{first} and {last}", first=found, last=Mathematics(each))
    return found
