"""`chainrule taylor`: the parabola, or bowl, that touches a formula at a point."""

from typing import Annotated

import typer

from .formats import ListFormat
from .formulas import evaluation_at, formula_errors, names_of
from .written_out import written_out


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "exp(x) cos(y)".')],
    at: Annotated[str, typer.Option(metavar="x=0,y=0", help="Around which point.")],
    wrt: Annotated[
        str | None,
        typer.Option(metavar="x,y", help="In which variables.  [default: all of them]"),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Expand a formula around a point, to second order, and say how far that holds.

    Example: chainrule taylor "exp(x) cos(y)" --at x=0,y=0
    """
    from chainrule.calculus.taylor import taylor
    from chainrule.faces.derivatives import write_taylor
    from chainrule.faces.derivatives_document import taylor_document
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    with formula_errors():
        read = written_out(formula)
        evaluation = evaluation_at(at, read.names, read.text)
        assert evaluation is not None
        found = taylor(read, evaluation.point, names_of(wrt))
        page = page_for_stdout()
        if format is ListFormat.json:
            page.verbatim(to_json(taylor_document(found)) + "\n")
        else:
            write_taylor(page, found)
