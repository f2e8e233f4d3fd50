"""Lagrange's prime for matrices: X moves along a line, and all that depends on X has a prime."""

from chainrule.calculus.build import name
from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.narration import Mathematics, Row
from chainrule.calculus.matrix.stretching import filled
from chainrule.calculus.notations import Sign
from chainrule.records.message import Message

from .changes import ChangeNotation, changed, entries_that_count, sides
from .differential import inner_product
from .notation import MatrixPaper, kind_of, put_together


class MatrixLagrange(ChangeNotation):
    """A prime after what changes."""

    id = "lagrange"
    name = "Lagrange"
    about = (
        "A prime is the derivative by one number t. {x} moves along the line {x} + t{h}, in any "
        "direction {h}, so {x}′ = {h}, and all that depends on {x} moves with it. {y}′ is linear "
        "in {h}; ⟨A, B⟩ is the sum of the products of the entries, and what stands beside {h} in "
        "it is the gradient."
    )

    def rule(self, differential: str) -> str:
        """(A B)′ = A′ B + A B′."""
        of, change = sides(differential)
        whole = of if of[0] in "([‖" or len(of) == 1 else f"({of})"
        return f"{whole}′ = {self.change(change)}"

    def change(self, text: str) -> str:
        """A′ for dA."""
        return changed(text, lambda letter: f"{letter}′")

    def opening(self, paper: MatrixPaper) -> Row:
        """What is looked for at each value."""
        left = self._whole(paper)
        variable, h = paper.derivation.variable, paper.direction
        said = Message(
            "Back from {result}: {change}, any change, and through each value u {equation}, the "
            "sum of the products of their entries",
            result=paper.derivation.result,
            change=Mathematics(f"{variable}′ = {h}"),
            equation=Mathematics(f"{left} = ⟨…, u′⟩"),
        )
        return Row(said if paper.derivation.is_number else entries_that_count(said, paper.seed))

    def _whole(self, paper: MatrixPaper) -> str:
        result = paper.derivation.result
        return f"{result}′" if paper.derivation.is_number else f"⟨{paper.seed}, {result}′⟩"

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """What stands beside the prime of a part."""
        part = Mathematics(f"{paper.small(pull.quantity)}′")
        raw = Mathematics(self.text(pull.raw, paper))
        if not pull.stretch:
            return (Row(Message("beside {part} stands {gradient}", part=part, gradient=raw)),)
        term = Mathematics(self.text(pull.term, paper))
        return (
            Row(
                Message("beside {part} stands, in each place, {gradient}", part=part, gradient=raw)
            ),
            Row(pull.stretch),
            Row(Message("beside {part} stands {gradient}", part=part, gradient=term)),
        )

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """L′ = ⟨G₂, u₂′⟩ with G₂ = 2u₂."""
        part = paper.small(known.quantity)
        whole = paper.quantity(known.quantity)
        like = name(whole.name)
        total, tidy = (
            self.text(filled(tree, paper.shapes(tree), whole.shape, like), paper)
            for tree in (known.total, known.tidy)
        )
        sums = total if total == tidy else f"{total} = {tidy}"
        if not known.name:
            shown = total if total == tidy else tidy
            before = "" if total == tidy else f" = ⟨{total}, {part}′⟩"
            return f"{self._whole(paper)}{before} = ⟨{shown}, {part}′⟩"
        called = paper.small(known.name)
        return f"{self._whole(paper)} = ⟨{called}, {part}′⟩, {called} = {sums}"

    def asked(self, paper: MatrixPaper) -> str:
        """L′."""
        return self._whole(paper)

    def answer(self, paper: MatrixPaper) -> str:
        """L′ = ⟨2Xᵀ(X w − y), H⟩."""
        return self._equation(self.text(paper.derivation.gradient, paper), paper)

    def collected(self, paper: MatrixPaper) -> Row:
        """With all put in."""
        text = self.text(paper.derivation.collected, paper)
        return put_together(self._equation(text, paper))

    def _equation(self, gradient: str, paper: MatrixPaper) -> str:
        return f"{self._whole(paper)} = ⟨{gradient}, {paper.direction}⟩"

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """t, H, L′ and ⟨ , ⟩."""
        found = paper.derivation
        return (
            Sign(
                symbol=paper.direction,
                kind=kind_of(found.variable_shape),
                meaning=Message(
                    "The direction in which {variable} moves: {variable}′, any that one likes.",
                    variable=found.variable,
                ),
                shape=found.variable_shape,
            ),
            Sign(
                symbol=f"{found.result}′",
                kind=kind_of(found.shape),
                meaning=Message(
                    "How fast {result} then changes; linear in {direction}.",
                    result=found.result,
                    direction=paper.direction,
                ),
                shape=found.shape,
            ),
            *inner_product(),
        )


NOTATION = MatrixLagrange()
