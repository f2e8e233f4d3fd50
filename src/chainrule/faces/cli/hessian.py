"""`chainrule hessian`: all second derivatives of a formula."""

from typing import TYPE_CHECKING, Annotated

import typer

from .formats import ExplainFormat
from .formulas import evaluation_at, formula_errors, names_of
from .notation_option import InNotation, check_notation
from .shapes import Shaped, shaped
from .written_out import written_out

if TYPE_CHECKING:
    from chainrule.calculus import Evaluation
    from chainrule.calculus.second_derivatives import HessianMatrix


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x^2 y + sin x".')],
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
    """Differentiate a formula twice, by each pair of its variables.

    Example: chainrule hessian "x^2 y + sin x" --at x=1,y=2
    """
    from chainrule.calculus.second_derivatives import hessian
    from chainrule.faces.derivatives import write_each, write_hessian
    from chainrule.faces.derivatives_document import hessian_document
    from chainrule.faces.derivatives_typeset import hessian_typeset
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    with formula_errors():
        check_notation(notation)
        read = written_out(formula)
        matrices = shaped(read, at, shapes)
        absent: tuple[str, ...] = ()
        evaluation: Evaluation | None
        if matrices is None:
            found = hessian(read, names_of(wrt))
            evaluation = evaluation_at(at, read.names, read.text)
        else:
            found, absent, evaluation = _by_entries(matrices, names_of(wrt))
        page = page_for_stdout()
        if format is ExplainFormat.json:
            page.verbatim(
                to_json(hessian_document(found, evaluation, absent, notation=notation)) + "\n"
            )
        elif format is not ExplainFormat.text:
            dollars = format is ExplainFormat.markdown
            text = hessian_typeset(
                found, evaluation, absent, steps=steps, dollars=dollars, notation=notation
            )
            page.verbatim(text)
        else:
            write_hessian(page, found, evaluation, absent, notation=notation)
            if steps:
                write_each(
                    page,
                    [*found.gradient.partials, *(cell for row in found.cells for cell in row)],
                    evaluation,
                    notation=notation,
                )


def _by_entries(
    given: Shaped, variables: tuple[str, ...] | None
) -> "tuple[HessianMatrix, tuple[str, ...], Evaluation | None]":
    """Of vectors and matrices, by their entries; which entries do not stand in it; the point."""
    from chainrule.calculus import Evaluation
    from chainrule.calculus.matrix import entry_hessian, entry_values

    at = given.evaluation
    values = None if at is None else at.point
    made = entry_hessian(given.formula, given.shapes, variables, values)
    point = None if at is None else Evaluation(entry_values(at, given.formula), given.formula.text)
    return made.hessian, made.absent, point
