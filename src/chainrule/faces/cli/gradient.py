"""`chainrule gradient`: all partial derivatives of a formula, and the slope in any direction."""

from typing import Annotated

import typer

from .failure import CommandFailed
from .formats import ExplainFormat
from .formulas import evaluation_at, formula_errors, names_of, numbers_at
from .notation_option import InNotation, check_notation
from .shapes import Shaped, shaped
from .written_out import written_out


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x^2 y + sin x".')],
    wrt: Annotated[
        str | None,
        typer.Option(metavar="x,y", help="By which variables.  [default: all of them]"),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="x=1,w=[1,2]", help="A point at which to give numbers.")
    ] = None,
    direction: Annotated[
        str | None,
        typer.Option(metavar="x=3,y=4", help="A direction whose slope is asked for; needs --at."),
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
    """Differentiate a formula by each of its variables.

    Example: chainrule gradient "x^2 y + sin x" --at x=1,y=2 --direction x=3,y=4
    """
    if direction is not None and at is None:
        raise CommandFailed("--direction asks for a slope at a point: give one with --at.")
    from chainrule.calculus.gradient import directional_slope, gradient
    from chainrule.faces.derivatives import write_each, write_gradient
    from chainrule.faces.derivatives_document import gradient_document
    from chainrule.faces.derivatives_typeset import gradient_typeset
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    with formula_errors():
        check_notation(notation)
        read = written_out(formula)
        matrices = shaped(read, at, shapes)
        if matrices is not None:
            if direction is not None:
                raise CommandFailed(
                    "--direction is for formulas of numbers: give the entries of vectors names of "
                    "their own, such as w1 and w2."
                )
            _print_matrices(matrices, names_of(wrt), notation, steps=steps, format=format)
            return
        found = gradient(read, names_of(wrt))
        evaluation = evaluation_at(at, read.names, read.text)
        slope = None
        if direction is not None and evaluation is not None:
            slope = directional_slope(found, numbers_at(direction, "--direction"), evaluation)
        page = page_for_stdout()
        if format is ExplainFormat.json:
            page.verbatim(
                to_json(gradient_document(found, evaluation, slope, notation=notation)) + "\n"
            )
        elif format is not ExplainFormat.text:
            dollars = format is ExplainFormat.markdown
            text = gradient_typeset(
                found, evaluation, slope, steps=steps, dollars=dollars, notation=notation
            )
            page.verbatim(text)
        else:
            write_gradient(page, found, evaluation, slope, notation=notation)
            if steps:
                write_each(page, found.partials, evaluation, notation=notation)


def _print_matrices(
    given: Shaped,
    variables: tuple[str, ...] | None,
    notation: str | None,
    *,
    steps: bool,
    format: ExplainFormat,
) -> None:
    from chainrule.calculus.matrix import matrix_gradients

    from .matrix_reports import print_matrix_derivatives

    found = matrix_gradients(given.formula, given.shapes, variables)
    print_matrix_derivatives(found, given.evaluation, notation, steps=steps, format=format)
