"""Operators for matrices: D f(X)[H], Fréchet's derivative, and its adjoint."""

import re

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.narration import Mathematics, Row, formula_row
from chainrule.calculus.notations import Sign
from chainrule.records.message import Message

from .changes import ChangeNotation, changed, entries_that_count, sides
from .differential import inner_product
from .notation import MatrixPaper, from_each_place, kind_of, put_together


class MatrixOperator(ChangeNotation):
    """D, linear in the direction that stands in the brackets after it."""

    id = "operator"
    name = "operator"
    about = (
        "D f[H] is Fréchet's derivative: the change of f, to first order, when its argument "
        "changes by H. It is a linear map of H. Its adjoint (D f)* goes the other way, "
        "⟨G, D f[H]⟩ = ⟨(D f)*[G], H⟩, and applied to 1 it gives the gradient. The D of a chain "
        "is the product of the D of its links, and the adjoints of a product stand in the opposite "
        "order: that is why backpropagation runs back."
    )

    def rule(self, differential: str) -> str:
        """D(A B)[H] = D A[H] B + A D B[H]."""
        of, change = sides(differential)
        whole = f"D {of}" if len(of) == 1 else f"D{of}" if of[0] in "([" else f"D({of})"
        return f"{whole}[H] = {self.change(change)}"

    def change(self, text: str) -> str:
        """D A[H] for dA."""
        said = changed(text, lambda letter: f"D {letter}[H]")
        return re.sub(r"(D \w\[H\])ᵀ", r"(\1)ᵀ", said)

    def opening(self, paper: MatrixPaper) -> Row:
        """What is done from the result back."""
        result = paper.derivation.result
        seed = paper.seed or "1"
        said = Message(
            "Back from {result}: at each value u the adjoint {adjoint}, that of the chain from u "
            "on",
            result=result,
            adjoint=Mathematics(f"(D_u {result})*[{seed}]"),
        )
        return Row(said if paper.derivation.is_number else entries_that_count(said, seed))

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """The adjoint at one part."""
        part, whole = paper.small(pull.quantity), paper.small(step.quantity)
        if step.quantity == paper.derivation.result and not pull.stretch:
            return ()  # the next row says so
        given = self.text(step.cotangent, paper)
        sign = f"(D_{part} {whole})*[{given}]"
        raw = self.text(pull.raw, paper)
        if not pull.stretch:
            return (formula_row(f"{sign} = {raw}"),)
        term = self.text(pull.term, paper)
        return (
            from_each_place(raw),
            Row(pull.stretch),
            formula_row(f"{sign} = {term}"),
        )

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """D_u₂ L*[1] = G₂ = 2u₂."""
        left = self._adjoint(paper, paper.small(known.quantity))
        called = [paper.small(known.name)] if known.name else []
        total, tidy = self.text(known.total, paper), self.text(known.tidy, paper)
        return " = ".join([left, *called, total] + ([] if total == tidy else [tidy]))

    def _adjoint(self, paper: MatrixPaper, by: str) -> str:
        return f"(D_{by} {paper.derivation.result})*[{paper.seed or '1'}]"

    def asked(self, paper: MatrixPaper) -> str:
        """D_w L*[1]."""
        return self._adjoint(paper, paper.derivation.variable)

    def collected(self, paper: MatrixPaper) -> Row:
        """With all put in, as what is applied to H."""
        found = paper.derivation
        text = self.text(found.collected, paper)
        applied = f"D_{found.variable} {found.result}[{paper.direction}]"
        left = applied if found.is_number else f"⟨{paper.seed}, {applied}⟩"
        return put_together(f"{left} = ⟨{text}, {paper.direction}⟩")

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """D, its adjoint, the direction."""
        found = paper.derivation
        variable, shape = found.variable, found.variable_shape
        return (
            Sign(
                symbol=paper.direction,
                kind=kind_of(shape),
                meaning=Message(
                    "The direction in which {variable} changes, any that one likes.",
                    variable=variable,
                ),
                shape=shape,
            ),
            Sign(
                symbol=f"D_{variable} {found.result}",
                kind="operator",
                meaning=Message(
                    "Fréchet's derivative: a linear map that takes a change of {variable}, and "
                    "gives the change of {result}.",
                    variable=variable,
                    result=found.result,
                ),
            ),
            Sign(
                symbol=f"(D_{variable} {found.result})*",
                kind="operator",
                meaning=Message(
                    "Its adjoint: takes weights of the entries of {result}, and gives an array of "
                    "the shape of {variable}.",
                    variable=variable,
                    result=found.result,
                ),
            ),
            *inner_product(),
        )


NOTATION = MatrixOperator()
