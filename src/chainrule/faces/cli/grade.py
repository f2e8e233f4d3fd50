"""`chainrule grade`: whether an answer is the derivative, and if not, what went wrong."""

from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .formats import ListFormat
from .formulas import formula_errors, numbers_at

if TYPE_CHECKING:
    from chainrule.faces.page import Page
    from chainrule.records import Grade


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x*exp(-x)".')],
    answer: Annotated[
        str,
        typer.Option(
            metavar="ANSWER",
            help='In any notation: "exp(-x) - x exp(-x)", "dy/dx = …", LaTeX, PyTorch; "(2x, 2y)" '
            "for a gradient.",
        ),
    ],
    wrt: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="By which variable; x,y for a gradient.  [default: the only one]"
        ),
    ] = "",
    at: Annotated[
        str | None,
        typer.Option(metavar="x=1,y=2", help="A point: then the answer is the number there."),
    ] = None,
    reply: Annotated[
        str | None,
        typer.Option(metavar="ANSWER", help="To the question that was asked back."),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="Of the grade.")] = ListFormat.text,
) -> None:
    """Grade an answer to "differentiate this", and say which mistake gives it if it is wrong.

    Example: chainrule grade "x*exp(-x)" --wrt x --answer "exp(-x) + x*exp(-x)"
    """
    from chainrule.faces.document import to_json
    from chainrule.faces.grade_document import grade_document
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.practice import AnswerError, grade

    point = None if at is None else numbers_at(at, "--at")
    with formula_errors():
        try:
            found = grade(formula, wrt, answer, point, reply=reply)
        except AnswerError as error:
            where = "" if error.column is None else f" (column {error.column} of the answer)"
            raise CommandFailed(f"{error.reason.rstrip('.')}{where}.") from None
        except RecursionError:
            raise CommandFailed("The formula or the answer is nested too deep.") from None
    page = page_for_stdout()
    if format is ListFormat.json:
        page.verbatim(to_json(grade_document(found)) + "\n")
    else:
        _write(page, found)


def _write(page: "Page", found: "Grade") -> None:
    if found.correct:
        page.paragraph("Right.")
        return
    page.paragraph("Not yet right.")
    for each in found.diagnoses:
        page.paragraph(each.message, indent=2)
    if not found.diagnoses:
        page.paragraph("No single mistake explains this answer: look at it once more.", indent=2)
    if found.question is not None:
        page.paragraph(found.question, indent=2)
        page.paragraph("Answer it with --reply.", indent=2)
