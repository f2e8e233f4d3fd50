"""Differentials: dL = ⟨G, dX⟩, and what stands before dX is the gradient."""

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull
from chainrule.calculus.matrix.narration import Mathematics, Row
from chainrule.calculus.notations import Sign
from chainrule.records.message import Message

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
            return Row(
                Message(
                    "Back from {result}: {equation} at each value u, the sum of the products of "
                    "their entries",
                    result=result,
                    equation=Mathematics(f"d{result} = ⟨∂{result}/∂u, du⟩"),
                )
            )
        return Row(
            Message(
                "Back from {result}, of which any entries may be asked for: {seed} says which, and "
                "{equation} at each value u",
                result=result,
                seed=seed,
                equation=Mathematics(f"⟨{seed}, d{result}⟩ = ⟨∂/∂u, du⟩"),
            )
        )

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """What stands beside the change of a part."""
        part = Mathematics(paper.small(pull.quantity))
        raw = Mathematics(self.text(pull.raw, paper))
        if not pull.stretch:
            return (Row(Message("{part} gets {gradient}", part=part, gradient=raw)),)
        term = Mathematics(self.text(pull.term, paper))
        return (
            Row(Message("{part} gets {gradient} from each place.", part=part, gradient=raw)),
            Row(pull.stretch),
            Row(Message("{part} gets {gradient}", part=part, gradient=term)),
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
        text = f"{total} = ⟨{self.text(found.collected, paper)}, d{found.variable}⟩"
        equation = Mathematics(text)
        if len(found.variable_shape) < 2:
            return Row(Message("Collected: {equation}", equation=equation))
        return Row(
            Message(
                "Collected: {equation}, which is {trace}",
                equation=equation,
                trace=Mathematics(f"tr((…)ᵀ d{found.variable})"),
            )
        )

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """dX, dL, ⟨ , ⟩, and the gradient."""
        found = paper.derivation
        variable, shape = found.variable, found.variable_shape
        result = found.result
        return (
            Sign(
                symbol=f"d{variable}",
                kind=kind_of(shape),
                meaning=Message(
                    "A small change of {variable}, of any size that one likes.", variable=variable
                ),
                shape=shape,
            ),
            Sign(
                symbol=f"d{result}",
                kind=kind_of(found.shape),
                meaning=Message(
                    "The change of {result} that goes with it, to first order.", result=result
                ),
                shape=found.shape,
            ),
            *inner_product(),
            Sign(
                symbol=self.asked(paper),
                kind=kind_of(shape),
                meaning=Message(
                    "The gradient: what stands beside {change}.", change=f"d{variable}"
                ),
                shape=shape,
            ),
        )


def inner_product() -> tuple[Sign, ...]:
    """⟨A, B⟩."""
    return (
        Sign(
            symbol="⟨A, B⟩",
            kind="operator",
            meaning=Message(
                "The sum of the products of the entries of two of one shape: tr(Aᵀ B)."
            ),
        ),
    )


NOTATION = MatrixDifferential()
