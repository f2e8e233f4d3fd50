"""The Hessian: the derivative of each partial derivative by each variable."""

from collections.abc import Sequence
from dataclasses import dataclass

from .derivation import Derivation
from .derive import derive
from .evaluate import Evaluation
from .gradient import Gradient, gradient
from .kinks import derivative_value, kinks, sentences
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

    def at(self, evaluation: Evaluation) -> tuple[tuple[float | None, ...], ...]:
        """Its numbers at a point, row by row; None where a kink leaves no derivative.

        Where ∂f/∂x has none, its whole row has none.

        Raises:
            DomainError: If f or an entry has no value there.
        """
        return tuple(
            tuple(None if slope is None else self._cell(cell, evaluation) for cell in row)
            for slope, row in zip(self.gradient.at(evaluation), self.cells, strict=True)
        )

    def _cell(self, cell: Derivation | None, evaluation: Evaluation) -> float | None:
        return 0.0 if cell is None else derivative_value(cell, evaluation)

    def notices(self, evaluation: Evaluation) -> tuple[str, ...]:
        """A sentence for each kink or jump of f and of its partial derivatives at a point.

        Raises:
            DomainError: If f has no value there.
        """
        found = [*self.gradient.notices(evaluation)]
        slopes = self.gradient.at(evaluation)
        for name, slope, row in zip(self.gradient.variables, slopes, self.cells, strict=True):
            cells = [cell for cell in row if cell is not None and slope is not None]
            met = [kink for cell in cells for kink in kinks(cell, evaluation, of=f"∂f/∂{name}")]
            found += sentences(met)
        return tuple(dict.fromkeys(found))


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
