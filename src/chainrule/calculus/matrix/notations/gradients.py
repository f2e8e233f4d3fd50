"""Notations that say which gradient each part has."""

from abc import abstractmethod
from collections.abc import Mapping

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.in_letters import COTANGENT, rule_in_letters
from chainrule.calculus.matrix.narration import Row, row
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.text import mathematics
from chainrule.calculus.tree import Node

from .notation import MatrixNotation, MatrixPaper, weighed


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
            sign = self.gradient(paper.total, "u")
            return row(
                f"Back from {result}: the gradient ", sign, " of each value u, of the shape of u"
            )
        return row(
            f"Back from {result}, of which any entries may be asked for: {paper.seed} says which. "
            "All gradients are those of ",
            weighed(paper),
            ", the sum of the products of their entries",
        )

    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Y = A b, and the gradients by A and b."""
        rule = rule_in_letters(paper.derivation, step)
        if rule is None:
            return ()
        of = "L" if paper.derivation.is_number else paper.total
        holes = {COTANGENT: self.gradient(of, rule.whole)}
        parts = ["if ", self.equation(rule.whole, self.written(rule.node, rule.shapes, holes))]
        for i, (letter, tree) in enumerate(rule.pulls):
            right = self.written(tree, rule.shapes, holes)
            parts += [" and " if i else ", then "]
            parts += [self.equation(self.gradient(of, letter), right)]
        return (row(*parts),) if rule.pulls else ()

    def equation(self, left: str, right: str) -> str:
        """Two that are equal."""
        return f"{left} = {right}"

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """Only what the sum of all uses does not say already."""
        rows = []
        if pull.stretch:
            rows.append(row("from each place it gets ", self.text(pull.raw, paper)))
            rows.append(row(pull.stretch))
        if paper.uses(pull.quantity) > 1:
            part, whole = paper.small(pull.quantity), paper.small(step.quantity)
            rows.append(
                row("", part, " gets, by way of ", whole, ": ", self.text(pull.term, paper))
            )
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
        return row("Put together: ", self.equation(left, right))
