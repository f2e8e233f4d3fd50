"""Gradients, Jacobians, Hessians and Taylor's expansion as JSON documents, for programs."""

from collections.abc import Mapping, Sequence

from chainrule import __version__
from chainrule.calculus import Derivation, Evaluation, write
from chainrule.calculus.cells import cells_of
from chainrule.calculus.derive import told_in_parts
from chainrule.calculus.document import algebra_document, step_document
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.narrate import narrate
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.taylor import TaylorExpansion
from chainrule.calculus.tree import Formula

from .derivatives import OF_STEPS
from .document import Json, json_number


def gradient_document(
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
    notation: str | None = None,
) -> dict[str, Json]:
    """The document of ∇f; `value` holds its numbers if a point was given.

    Args:
        found: ∇f.
        evaluation: A point, for the numbers.
        direction: A slope along a direction at that point.
        notation: Its id; None for ∂f/∂x.
    """
    values = None if evaluation is None else found.at(evaluation)
    cells = _Cells(found.formula, notation, found.variables)
    return {
        "chainrule": __version__,
        "formula": found.formula.text,
        "wrt": list(found.variables),
        "at": _at(evaluation),
        "notation": notation,
        "gradient": [
            cells.first(partial, None if values is None else values[i], partial.variable)
            for i, partial in enumerate(found.partials)
        ],
        "value": None if values is None else [_number(value) for value in values],
        "notices": _notices(found, evaluation),
        "direction": None if direction is None else _direction(direction),
    }


def jacobian_document(
    found: Jacobian, evaluation: Evaluation | None = None, notation: str | None = None
) -> dict[str, Json]:
    """The document of J, row by row: a row a result, a column a variable."""
    values = None if evaluation is None else found.at(evaluation)
    cells = _Cells(found.formula, notation, found.variables)
    return {
        "chainrule": __version__,
        "formula": found.formula.text,
        "wrt": list(found.variables),
        "at": _at(evaluation),
        "notation": notation,
        "shape": [len(found.results), len(found.variables)],
        "layout": "numerator: a row a result, a column a variable",
        "jacobian": [
            [
                cells.first(cell, None if values is None else values[i][j], found.variables[j], i)
                for j, cell in enumerate(row)
            ]
            for i, row in enumerate(found.cells)
        ],
        "value": None if values is None else [[_number(v) for v in row] for row in values],
        "notices": _notices(found, evaluation),
    }


def hessian_document(
    found: HessianMatrix,
    evaluation: Evaluation | None = None,
    absent: Sequence[str] = (),
    notation: str | None = None,
) -> dict[str, Json]:
    """The document of ∇²f, row by row: cell (i, j) is ∂/∂xⱼ of ∂f/∂xᵢ.

    `absent` are entries of vectors that do not stand in f, whose rows and columns are 0.
    """
    values = None if evaluation is None else found.at(evaluation)
    names = found.gradient.variables
    cells = _Cells(found.gradient.formula, notation, names)
    return {
        "chainrule": __version__,
        "formula": found.gradient.formula.text,
        "wrt": list(found.gradient.variables),
        "at": _at(evaluation),
        "notation": notation,
        "absent": list(absent),
        "gradient": [
            cells.first(partial, None, partial.variable) for partial in found.gradient.partials
        ],
        "hessian": [
            [
                cells.second(cell, None if values is None else values[i][j], names[i], names[j])
                for j, cell in enumerate(row)
            ]
            for i, row in enumerate(found.cells)
        ],
        "value": None if values is None else [[_number(v) for v in row] for row in values],
        "notices": _notices(found, evaluation),
    }


def taylor_document(found: TaylorExpansion) -> dict[str, Json]:
    """The document of an expansion to second order."""
    gradient = found.hessian.gradient
    return {
        "chainrule": __version__,
        "formula": gradient.formula.text,
        "wrt": list(gradient.variables),
        "at": {
            name: json_number(value)
            for name, value in zip(gradient.variables, found.point, strict=True)
        },
        "value": json_number(found.value),
        "gradient": [_number(value) for value in found.gradient],
        "hessian": [[_number(value) for value in row] for row in found.second],
        "notices": list(found.notices),
        "expansion": None if found.expansion is None else write(found.expansion),
        "errors": [
            {
                "distance": json_number(error.distance),
                "value": None if error.value is None else json_number(error.value),
                "expansion": json_number(error.expansion),
            }
            for error in found.errors
        ],
    }


def _at(evaluation: Evaluation | None) -> Json:
    return None if evaluation is None else _numbers(evaluation.point)


def _numbers(point: Mapping[str, float]) -> dict[str, Json]:
    return {name: json_number(value) for name, value in point.items()}


def _number(value: float | None) -> Json:
    """None for what has no number at the point."""
    return None if value is None else json_number(value)


def _notices(found: Gradient | Jacobian | HessianMatrix, evaluation: Evaluation | None) -> Json:
    return [] if evaluation is None else list(found.notices(evaluation))


class _Cells:
    """Writes the documents of entries."""

    def __init__(self, formula: Formula, notation: str | None, variables: Sequence[str]) -> None:
        self._cells = cells_of(formula, notation, variables=variables)
        self._steps_in = notation or OF_STEPS

    def first(
        self, cell: Derivation | None, value: float | None, variable: str, row: int | None = None
    ) -> Json:
        """An entry of a gradient or a Jacobian."""
        return self._document(cell, value, self._cells.first(variable, row), variable)

    def second(self, cell: Derivation | None, value: float | None, first: str, second: str) -> Json:
        """An entry of a Hessian."""
        return self._document(cell, value, self._cells.second(first, second), first, second)

    def _document(
        self, cell: Derivation | None, value: float | None, name: str, *variables: str
    ) -> Json:
        told = None if cell is None else narrate(told_in_parts(cell), self._steps_in)
        written = "0" if cell is None else self._cells.write(cell.factored, *variables)
        return {
            "name": name,
            "written": written,
            "raw": "0" if cell is None else write(cell.raw),
            "tidy": "0" if cell is None else write(cell.tidy),
            "factored": "0" if cell is None else write(cell.factored),
            "value": _number(value),
            "steps": [] if told is None else [step_document(told.line)],
            "algebra": [] if told is None else [algebra_document(line) for line in told.algebra],
            "factoring": []
            if told is None
            else [algebra_document(line) for line in told.factoring],
        }


def _direction(found: DirectionalSlope) -> Json:
    return {
        "direction": [json_number(entry) for entry in found.direction],
        "length": json_number(found.length),
        "unit": [json_number(entry) for entry in found.unit],
        "slope": _number(found.slope),
        "ahead": _number(found.ahead),
        "behind": _number(found.behind),
        "smooth": found.smooth,
        "gradient_norm": _number(found.gradient_norm),
        "cosine": _number(found.cosine),
    }
