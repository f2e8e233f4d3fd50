"""Gradients, Jacobians, Hessians and Taylor's expansion as JSON documents, for programs."""

from collections.abc import Mapping, Sequence

from chainrule import __version__
from chainrule.calculus import Derivation, Evaluation, write
from chainrule.calculus.document import algebra_document, step_document
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.narrate import narrate
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.taylor import TaylorExpansion

from .document import Json, json_number


def gradient_document(
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
) -> dict[str, Json]:
    """The document of ∇f; `value` holds its numbers if a point was given."""
    values = None if evaluation is None else found.at(evaluation)
    return {
        "chainrule": __version__,
        "formula": found.formula.text,
        "wrt": list(found.variables),
        "at": _at(evaluation),
        "gradient": [
            _cell(partial, None if values is None else values[i])
            for i, partial in enumerate(found.partials)
        ],
        "value": None if values is None else [_number(value) for value in values],
        "notices": _notices(found, evaluation),
        "direction": None if direction is None else _direction(direction),
    }


def jacobian_document(found: Jacobian, evaluation: Evaluation | None = None) -> dict[str, Json]:
    """The document of J, row by row: a row a result, a column a variable."""
    values = None if evaluation is None else found.at(evaluation)
    return {
        "chainrule": __version__,
        "formula": found.formula.text,
        "wrt": list(found.variables),
        "at": _at(evaluation),
        "shape": [len(found.results), len(found.variables)],
        "layout": "numerator: a row a result, a column a variable",
        "jacobian": [
            [_cell(cell, None if values is None else values[i][j]) for j, cell in enumerate(row)]
            for i, row in enumerate(found.cells)
        ],
        "value": None if values is None else [[_number(v) for v in row] for row in values],
        "notices": _notices(found, evaluation),
    }


def hessian_document(
    found: HessianMatrix, evaluation: Evaluation | None = None, absent: Sequence[str] = ()
) -> dict[str, Json]:
    """The document of ∇²f, row by row: cell (i, j) is ∂/∂xⱼ of ∂f/∂xᵢ.

    `absent` are entries of vectors that do not stand in f, whose rows and columns are 0.
    """
    values = None if evaluation is None else found.at(evaluation)
    return {
        "chainrule": __version__,
        "formula": found.gradient.formula.text,
        "wrt": list(found.gradient.variables),
        "at": _at(evaluation),
        "absent": list(absent),
        "gradient": [_cell(partial, None) for partial in found.gradient.partials],
        "hessian": [
            [_cell(cell, None if values is None else values[i][j]) for j, cell in enumerate(row)]
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


def _cell(cell: Derivation | None, value: float | None) -> Json:
    if cell is None:
        nothing: dict[str, Json] = {"raw": "0", "tidy": "0", "factored": "0"}
        return nothing | {"value": _number(value), "steps": [], "algebra": [], "factoring": []}
    told = narrate(cell, "partial")
    return {
        "raw": write(cell.raw),
        "tidy": write(cell.tidy),
        "factored": write(cell.factored),
        "value": _number(value),
        "steps": [step_document(told.line)],
        "algebra": [algebra_document(line) for line in told.algebra],
        "factoring": [algebra_document(line) for line in told.factoring],
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
