"""The Hessian: the derivative of each partial derivative by each variable."""

from collections.abc import Sequence
from dataclasses import dataclass

from .derivation import Derivation
from .derive import derive
from .evaluate import Evaluation
from .gradient import Gradient, gradient
from .parse import parse
from .tree import Formula, Node
from .writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class HessianMatrix:
    """∇²f of a formula of numbers.

    Attributes:
        gradient: ∇f, whose entries are differentiated once more.
        cells: ∂/∂(variable j) of ∂f/∂(variable i), each with its derivation; None where that is 0
            because ∂f/∂(variable i) does not hold the variable. By Schwarz's theorem cell (i, j)
            equals cell (j, i) where both are continuous; both are derived, each by its own way.
    """

    gradient: Gradient
    cells: tuple[tuple[Derivation | None, ...], ...]

    def at(self, evaluation: Evaluation) -> tuple[tuple[float, ...], ...]:
        """Its numbers at a point, row by row.

        Raises:
            DomainError: If an entry has no value there.
        """
        return tuple(
            tuple(0.0 if cell is None else evaluation(cell.factored) for cell in row)
            for row in self.cells
        )


def hessian(formula: Formula, variables: Sequence[str] | None = None) -> HessianMatrix:
    """All second derivatives of a formula of numbers.

    Args:
        formula: f.
        variables: By which, in which order; all names of the formula if not given.

    Raises:
        FormulaError: As for `gradient`.
    """
    first = gradient(formula, variables)
    rows = []
    for partial in first.partials:
        slope = formula_of(partial.factored)
        rows.append(
            tuple(derive(slope, name) if name in slope.names else None for name in first.variables)
        )
    return HessianMatrix(gradient=first, cells=tuple(rows))


def formula_of(node: Node) -> Formula:
    """What a derivation made, as a formula of its own: its parts get numbers and places."""
    return parse(write(node))
