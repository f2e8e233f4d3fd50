"""What `chainrule gradient` and `chainrule jacobian` print of vectors and matrices."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .formats import ExplainFormat

if TYPE_CHECKING:
    from chainrule.calculus.matrix import MatrixDerivation, MatrixEvaluation


def print_matrix_derivatives(
    found: "Sequence[MatrixDerivation]",
    evaluation: "MatrixEvaluation | None",
    notation: str | None = None,
    *,
    steps: bool,
    format: ExplainFormat,
) -> None:
    """Print the derivatives of one formula by several names.

    Args:
        found: By each name.
        evaluation: A point, for the numbers.
        notation: Its id; None for ∂L/∂X.
        steps: Whether each is told step by step; JSON always does.
        format: How it is written.
    """
    from chainrule.faces.document import to_json
    from chainrule.faces.matrix_derivatives import (
        matrix_derivatives_document,
        matrix_derivatives_typeset,
        write_matrix_derivatives,
    )
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    if format is ExplainFormat.json:
        page.verbatim(to_json(matrix_derivatives_document(found, evaluation, notation)) + "\n")
    elif format is ExplainFormat.text:
        write_matrix_derivatives(page, found, evaluation, notation, steps=steps)
    else:
        dollars = format is ExplainFormat.markdown
        text = matrix_derivatives_typeset(found, evaluation, notation, steps=steps, dollars=dollars)
        page.verbatim(text)
