"""`chainrule grade`: whether an answer is the derivative, and if not, what went wrong."""

from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed, failed
from .formats import ListFormat
from .formulas import formula_errors, numbers_at
from .languages import Language, language_asked
from .shapes import parse_shapes

if TYPE_CHECKING:
    from chainrule.faces.page import Page
    from chainrule.learning.practice import AnswerError
    from chainrule.records import Grade
    from chainrule.records.message import Translate


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
    shapes: Annotated[
        str | None,
        typer.Option(
            metavar="X=3x2,w=2",
            help="Of vectors and matrices.  [default: capital letters are matrices, small ones "
            "vectors]",
        ),
    ] = None,
    language: Language = None,
    format: Annotated[ListFormat, typer.Option(help="Of the grade.")] = ListFormat.text,
) -> None:
    """Grade an answer to "differentiate this", and say which mistake gives it if it is wrong.

    Example: chainrule grade "x*exp(-x)" --wrt x --answer "exp(-x) + x*exp(-x)"
    """
    from chainrule.faces.document import to_json
    from chainrule.faces.grade_document import grade_document
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.locale import catalogue
    from chainrule.learning.practice import AnswerError, grade

    say = catalogue(language_asked(language)).gettext
    point = None if at is None else numbers_at(at, "--at")
    sizes = None if shapes is None else parse_shapes(shapes)
    with formula_errors(say):
        try:
            found = grade(formula, wrt, answer, point, reply=reply, shapes=sizes)
        except AnswerError as error:
            raise CommandFailed(_unreadable(error, say)) from None
        except RecursionError:
            raise failed("The formula or the answer is nested too deep.") from None
    page = page_for_stdout()
    if format is ListFormat.json:
        page.verbatim(to_json(grade_document(found, say)) + "\n")
    else:
        _write(page, found, say)


def _unreadable(error: "AnswerError", say: "Translate") -> str:
    from chainrule.records.message import Message

    reason = say(error.reason)
    if error.column is None:
        return f"{reason.rstrip('.')}."
    where = say(Message("column {column} of the answer", column=error.column))
    return f"{reason.rstrip('.')} ({where})."


def _write(page: "Page", found: "Grade", say: "Translate") -> None:
    if found.correct:
        page.paragraph(say("Right."))
        if found.note is not None:
            page.paragraph(say(found.note), indent=2)
        return
    page.paragraph(say("Not yet right."))
    for each in found.diagnoses:
        page.paragraph(say(each.message), indent=2)
    if not found.diagnoses:
        page.paragraph(
            say("No single mistake explains this answer: look at it once more."), indent=2
        )
    if found.question is not None:
        page.paragraph(say(found.question), indent=2)
        page.paragraph(say("Answer it with --reply."), indent=2)
