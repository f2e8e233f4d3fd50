"""A matrix derivation as plain lists, numbers and strings, for JSON."""

from collections.abc import Iterable
from typing import Any

from chainrule.calculus.derivation import Rewrite
from chainrule.calculus.tree import Node
from chainrule.calculus.writing import write

from .algebra import MATRIX_REWRITES, starred
from .derivation import Cotangent, DifferentialStep, MatrixDerivation, Quantity
from .evaluate import MatrixEvaluation, jacobian_values
from .index_form import index_text
from .kinks import matrix_kinks
from .narrate import narrate_matrix
from .narrated_shapes import shapes_of
from .narration import MatrixNarration, Row
from .notations import DEFAULT_NOTATION
from .rules import MATRIX_RULES_BY_ID
from .shapes import Shapes
from .text import mathematics
from .typeset import typeset_row
from .unicode_latex import latex_of_text


def matrix_record(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    notation: str = DEFAULT_NOTATION,
) -> dict[str, Any]:
    """A derivation for `json.dumps`.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        notation: The id of one of `MATRIX_NOTATIONS`, in which `told` is.

    Returns:
        A tree is `{"formula": …, "text": …}`: a formula that can be typed again, and as it is
        written in books. Keys: `formula`, `wrt`, `shapes`, `quantities`, `steps`, `cotangents`,
        `collected`, `tidying`, `gradient`, `shape`, `layout`, `index_form`, `jacobian`, `value`,
        `kinks`, `notation`, `told` (the derivation in that notation, row by row, each as text and
        as LaTeX), `code`, `glossary`.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    shapes = shapes_of(derivation)
    gradient = derivation.gradient
    told = narrate_matrix(derivation, notation, evaluation=evaluation)
    found: dict[str, Any] = {
        "formula": derivation.formula.text,
        "wrt": derivation.variable,
        "shapes": {name: list(shape) for name, shape in derivation.names.items()},
        "result": derivation.result,
        "result_shape": list(derivation.shape),
        "quantities": [_quantity(each, shapes, evaluation) for each in derivation.quantities],
        "steps": [_step(each, shapes) for each in derivation.steps],
        "cotangents": [_cotangent(each, shapes) for each in derivation.cotangents],
        "collected": _tree(derivation.collected, shapes),
        "tidying": [_rewrite(each, shapes) for each in derivation.tidying],
        "gradient": _tree(gradient, shapes),
        "shape": list(derivation.variable_shape),
        "layout": derivation.layout,
        "index_form": index_text(derivation),
        "symmetric": list(derivation.symmetric),
        "normalised": list(derivation.normalised),
        "jacobian": None,
        "value": None,
        "kinks": [],
        "notation": told.notation,
        "told": _told(told),
        "code": told.code,
        "glossary": [
            {
                "symbol": each.symbol,
                "type": each.kind,
                "shape": list(each.shape),
                "meaning": each.meaning,
            }
            for each in told.glossary
        ],
    }
    if not derivation.is_number:
        jacobian = derivation.jacobian
        found["cotangent"] = write(derivation.seed)
        found["jacobian_shape"] = list(derivation.jacobian_shape)
        found["jacobian"] = None if jacobian is None else _tree(jacobian, shapes)
    if evaluation is None:
        return found
    found["kinks"] = list(matrix_kinks(derivation, evaluation))
    found["at"] = {name: value.tolist() for name, value in evaluation.point.items()}
    if derivation.is_number:
        found["value"] = evaluation(gradient).tolist()
    else:
        seed = write(derivation.seed)
        values = jacobian_values(gradient, seed, derivation.shape, evaluation)
        found["value"] = values.tolist()
    return found


def _tree(node: Node, shapes: Shapes) -> dict[str, str]:
    return {"formula": write(starred(node, shapes)), "text": mathematics(node, shapes)}


def _quantity(
    quantity: Quantity, shapes: Shapes, evaluation: MatrixEvaluation | None
) -> dict[str, Any]:
    return {
        "name": quantity.name,
        "node": quantity.node.id,
        "local": _tree(quantity.local, shapes),
        "shape": list(quantity.shape),
        "value": None if evaluation is None else evaluation(quantity.node).tolist(),
    }


def _step(step: DifferentialStep, shapes: Shapes) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "name": step.name,
        "quantity": step.quantity,
        "cotangent": _tree(step.cotangent, shapes),
        "differential": step.differential,
        "moved": list(step.moved),
        "why": MATRIX_RULES_BY_ID[step.rule].why,
        "pulls": [
            {
                "quantity": pull.quantity,
                "raw": _tree(pull.raw, shapes),
                "term": _tree(pull.term, shapes),
                "stretch": pull.stretch,
            }
            for pull in step.pulls
        ],
    }


def _cotangent(cotangent: Cotangent, shapes: Shapes) -> dict[str, Any]:
    return {
        "quantity": cotangent.quantity,
        "name": cotangent.name,
        "terms": [_tree(term, shapes) for term in cotangent.terms],
        "total": _tree(cotangent.total, shapes),
        "tidying": [_rewrite(each, shapes) for each in cotangent.tidying],
        "tidy": _tree(cotangent.tidy, shapes),
        "shape": list(cotangent.shape),
    }


def _rewrite(rewrite: Rewrite, shapes: Shapes) -> dict[str, Any]:
    return {
        "rule": rewrite.rule,
        "name": MATRIX_REWRITES[rewrite.rule],
        "before": _tree(rewrite.before, shapes),
        "after": _tree(rewrite.after, shapes),
    }


def _told(told: MatrixNarration) -> dict[str, Any]:
    def formula(text: str) -> dict[str, str]:
        mathematics = told.style == "mathematics"
        return {"text": text, "latex": latex_of_text(text, told.names) if mathematics else ""}

    def rows(each: Iterable[Row]) -> list[dict[str, str]]:
        return [{"text": row.text, "latex": typeset_row(row, told)} for row in each]

    return {
        "about": told.about,
        "style": told.style,
        **dict(
            zip(
                ("given", "kinds", "opening"),
                rows((told.given, told.kinds, told.opening)),
                strict=True,
            )
        ),
        "values": [
            {"name": each.name, **formula(each.row.text), "shape": each.shape, "value": each.value}
            for each in told.values
        ],
        "steps": [
            {
                "number": each.number,
                "rule": each.rule,
                "name": each.name,
                "quantity": each.quantity,
                "equation": formula(each.equation),
                "why": each.why,
                "statement": rows(each.statement),
                "rows": rows(each.rows),
            }
            for each in told.steps
        ],
        "collected": rows((told.collected,))[0],
        "algebra": [{"name": each.name, **formula(each.after)} for each in told.algebra],
        "answer": formula(told.answer),
        "closing": rows(told.closing),
        "legend": list(told.legend),
    }
