"""`chainrule descend`: an optimizer on a formula, foretold and compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .figures import draw, figure_file
from .formats import ListFormat
from .formulas import objective_of
from .points import parse_point

if TYPE_CHECKING:
    from chainrule.objective import Objective
    from chainrule.records.descent import Descent
    from chainrule.records.landscape import Slice


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x**2 + 3*y**2".')],
    start: Annotated[
        str, typer.Option(metavar="x=3,y=-1", help="Where to start; what is left out is 0.")
    ],
    lr: Annotated[float, typer.Option(metavar="NUMBER", help="Learning rate η.")],
    optimizer: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="gradient-descent, momentum, nesterov, rmsprop, adam, adamw or newton.",
        ),
    ] = "gradient-descent",
    steps: Annotated[int, typer.Option(metavar="NUMBER", help="How many to make.")] = 100,
    momentum: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="β of momentum, nesterov or rmsprop."),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Draw into a .png, .svg or .pdf file as well: of two variables the path over the "
            "contours of L (unless it diverges), else the loss against steps.",
        ),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Walk down a formula: what the learning rate will do, what it did, where it ended.

    Ends with status 0 whatever the path does, divergence included, and with 2 if there is
    nothing to walk.
    """
    target = None if plot is None else figure_file(plot, "--plot")
    point = parse_point(start, "--start")
    from chainrule.instruments.descent import descend
    from chainrule.objective import ObjectiveError

    objective = objective_of(formula, point)
    settings = {} if momentum is None else {"momentum": momentum}
    try:
        descent = descend(objective, lr, optimizer, steps=steps, settings=settings)
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
    if target is not None:
        draw(_picture(objective, descent), target, "--plot")
    show(descent, format, target)


def _picture(objective: "Objective", descent: "Descent") -> "Descent | Slice":
    """The path over the contours if θ has two entries; else the descent, loss against steps.

    So is one that diverges: on contours that hold its end nothing else is to be seen.
    """
    from chainrule.instruments.trajectory_plane import descent_slice
    from chainrule.objective import ObjectiveError

    if objective.numel != 2 or descent.outcome in ("diverging", "non-finite"):
        return descent
    try:
        return descent_slice(objective, descent)
    except ObjectiveError:  # it was not kept
        return descent


def show(descent: "Descent", format: ListFormat, drawn: Path | None) -> None:
    """Print a descent on stdout."""
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    if format is ListFormat.json:
        from chainrule.faces.descent_document import descent_document
        from chainrule.faces.document import to_json

        page.verbatim(to_json(descent_document(descent)) + "\n")
        return
    from chainrule.faces.descent import write_descent
    from chainrule.faces.labels import path_label

    write_descent(page, descent)
    if drawn is not None:
        page.line((f"Drawn in {path_label(str(drawn))}", "dim"))
