"""`chainrule jacobian`: how each of several results answers to each of several variables."""

from typing import Annotated

import typer

from .formats import ExplainFormat
from .formulas import evaluation_at, formula_errors, names_of
from .notation_option import InNotation, check_notation
from .shapes import Shaped, shaped
from .written_out import written_out


def command(
    formulas: Annotated[
        str, typer.Argument(metavar="FORMULAS", help='Such as "[x^2 y, 5x + sin y]".')
    ],
    wrt: Annotated[
        str | None,
        typer.Option(metavar="x,y", help="By which variables.  [default: all of them]"),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="x=1,w=[1,2]", help="A point at which to give numbers.")
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="Tell how each entry comes about, step by step.")
    ] = False,
    shapes: Annotated[
        str | None,
        typer.Option(metavar="X=3x2,w=2", help="Shapes of vectors and matrices without values."),
    ] = None,
    notation: InNotation = None,
    format: Annotated[ExplainFormat, typer.Option(help="Of the report.")] = ExplainFormat.text,
) -> None:
    """Differentiate each of several formulas by each of their variables.

    Example: chainrule jacobian "[r cos(t), r sin(t)]" --wrt r,t --at r=2,t=0.5
    """
    from chainrule.calculus.jacobian import jacobian
    from chainrule.faces.derivatives import write_each, write_jacobian
    from chainrule.faces.derivatives_document import jacobian_document
    from chainrule.faces.derivatives_typeset import jacobian_typeset
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    with formula_errors():
        check_notation(notation)
        read = written_out(formulas)
        matrices = shaped(read, at, shapes, rows=True)
        if matrices is not None:
            _print_matrices(matrices, names_of(wrt), notation, steps=steps, format=format)
            return
        found = jacobian(read, names_of(wrt))
        evaluation = evaluation_at(at, read.names, read.text)
        page = page_for_stdout()
        if format is ExplainFormat.json:
            page.verbatim(to_json(jacobian_document(found, evaluation, notation=notation)) + "\n")
        elif format is not ExplainFormat.text:
            dollars = format is ExplainFormat.markdown
            page.verbatim(
                jacobian_typeset(found, evaluation, steps=steps, dollars=dollars, notation=notation)
            )
        else:
            write_jacobian(page, found, evaluation, notation=notation)
            if steps:
                write_each(
                    page,
                    [cell for row in found.cells for cell in row],
                    evaluation,
                    notation=notation,
                )


def _print_matrices(
    given: Shaped,
    variables: tuple[str, ...] | None,
    notation: str | None,
    *,
    steps: bool,
    format: ExplainFormat,
) -> None:
    from chainrule.calculus.matrix import matrix_jacobians

    from .matrix_reports import print_matrix_derivatives

    found = matrix_jacobians(given.formula, given.shapes, variables)
    print_matrix_derivatives(found, given.evaluation, notation, steps=steps, format=format)
