"""Differentials: dL = ⟨G, dX⟩, and what stands before dX is the gradient."""

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.narration import Row, row
from chainrule.calculus.notations import Sign

from .changes import ChangeNotation
from .notation import MatrixPaper, kind_of


class MatrixDifferential(ChangeNotation):
    """d before what changes."""

    id = "differential"
    name = "differential"
    about = (
        "d{x} is a small change of {x}, of the shape of {x}, and d{y} the change of {y} that goes "
        "with it. ⟨A, B⟩ is the sum of the products of the entries, tr(Aᵀ B); what stands beside "
        "d{x} is the gradient."
    )

    def opening(self, paper: MatrixPaper) -> Row:
        """What is looked for at each value."""
        result, seed = paper.derivation.result, paper.seed
        if paper.derivation.is_number:
            return row(
                f"Back from {result}: ",
                f"d{result} = ⟨∂{result}/∂u, du⟩",
                " at each value u, the sum of the products of their entries",
            )
        return row(
            f"Back from {result}, of which any entries may be asked for: {seed} says which, and ",
            f"⟨{seed}, d{result}⟩ = ⟨∂/∂u, du⟩",
            " at each value u",
        )

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """What stands beside the change of a part."""
        part = paper.small(pull.quantity)
        raw = self.text(pull.raw, paper)
        if not pull.stretch:
            return (row("", part, " gets ", raw),)
        return (
            row("", part, " gets ", raw, " from each place."),
            row(pull.stretch),
            row("", part, " gets ", self.text(pull.term, paper)),
        )

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """∂L/∂u₂ = G₂ = 2u₂."""
        left = self._sign(paper, paper.small(known.quantity))
        called = [paper.small(known.name)] if known.name else []
        total, tidy = self.text(known.total, paper), self.text(known.tidy, paper)
        return " = ".join([left, *called, total] + ([] if total == tidy else [tidy]))

    def _sign(self, paper: MatrixPaper, by: str) -> str:
        return f"∂{paper.derivation.result}/∂{by}" if paper.derivation.is_number else f"∂/∂{by}"

    def asked(self, paper: MatrixPaper) -> str:
        """∂L/∂w, or Jᵀ G."""
        if not paper.derivation.is_number:
            return f"Jᵀ{paper.seed}"
        return self._sign(paper, paper.derivation.variable)

    def collected(self, paper: MatrixPaper) -> Row:
        """DL = ⟨…, dw⟩."""
        found = paper.derivation
        total = f"d{found.result}" if found.is_number else f"⟨{paper.seed}, d{found.result}⟩"
        equation = f"{total} = ⟨{self.text(found.collected, paper)}, d{found.variable}⟩"
        if len(found.variable_shape) < 2:
            return row("Collected: ", equation)
        return row("Collected: ", equation, ", which is ", f"tr((…)ᵀ d{found.variable})")

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """dX, dL, ⟨ , ⟩, and the gradient."""
        found = paper.derivation
        variable, shape = found.variable, found.variable_shape
        result = found.result
        return (
            Sign(
                symbol=f"d{variable}",
                kind=kind_of(shape),
                meaning=f"A small change of {variable}, of any size that one likes.",
                shape=shape,
            ),
            Sign(
                symbol=f"d{result}",
                kind=kind_of(found.shape),
                meaning=f"The change of {result} that goes with it, to first order.",
                shape=found.shape,
            ),
            *inner_product(),
            Sign(
                symbol=self.asked(paper),
                kind=kind_of(shape),
                meaning=f"The gradient: what stands beside d{variable}.",
                shape=shape,
            ),
        )


def inner_product() -> tuple[Sign, ...]:
    """⟨A, B⟩."""
    return (
        Sign(
            symbol="⟨A, B⟩",
            kind="operator",
            meaning="The sum of the products of the entries of two of one shape: tr(Aᵀ B).",
        ),
    )


NOTATION = MatrixDifferential()
