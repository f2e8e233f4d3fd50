"""`chainrule hessian`: all second derivatives of a formula."""

from typing import Annotated

import typer

from .formats import ListFormat
from .formulas import evaluation_at, formula_errors, names_of
from .written_out import written_out


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x^2 y + sin x".')],
    wrt: Annotated[
        str | None,
        typer.Option(metavar="x,y", help="By which variables.  [default: all of them]"),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="x=1,y=2", help="A point at which to give numbers.")
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="Tell how each entry comes about, step by step.")
    ] = False,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Differentiate a formula twice, by each pair of its variables.

    Example: chainrule hessian "x^2 y + sin x" --at x=1,y=2
    """
    from chainrule.calculus.second_derivatives import hessian
    from chainrule.faces.derivatives import write_each, write_hessian
    from chainrule.faces.derivatives_document import hessian_document
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    with formula_errors():
        read = written_out(formula)
        found = hessian(read, names_of(wrt))
        evaluation = evaluation_at(at, read.names, read.text)
        page = page_for_stdout()
        if format is ListFormat.json:
            page.verbatim(to_json(hessian_document(found, evaluation)) + "\n")
        else:
            write_hessian(page, found, evaluation)
            if steps:
                write_each(
                    page,
                    [*found.gradient.partials, *(cell for row in found.cells for cell in row)],
                    evaluation,
                )
