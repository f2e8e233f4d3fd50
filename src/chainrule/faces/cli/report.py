"""`chainrule report`: a run as one file, to keep and to send."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed, say
from .figures import figure_file
from .run_files import open_named
from .verdict import write_whole

if TYPE_CHECKING:
    from chainrule.faces.report.answers import NamedRuns

_SUFFIXES = {"htm": "html", "markdown": "md"}


class ReportFormat(StrEnum):
    """Of a report: a page, a picture, or Markdown."""

    html = "html"
    png = "png"
    svg = "svg"
    pdf = "pdf"
    md = "md"


class PictureOf(StrEnum):
    """What a picture shows."""

    loss = "loss"
    chain = "chain"
    landscape = "landscape"


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="Files or names of runs.  [default: the newest]"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to.  [default: a file named after the run; Markdown goes to stdout]",
        ),
    ] = None,
    format: Annotated[
        ReportFormat | None,
        typer.Option(help="Of the file.  [default: as the name of the file ends, else html]"),
    ] = None,
    picture: Annotated[
        PictureOf | None, typer.Option(help="What png, svg and pdf show.  [default: loss]")
    ] = None,
) -> None:
    """Save a run as one page that needs no server, as a picture, or as Markdown.

    Several runs are put side by side. Example: chainrule report digits -o digits.html
    """
    chosen = format or _format_of(output)
    if picture is not None and chosen in (ReportFormat.html, ReportFormat.md):
        raise CommandFailed(
            f"--picture {picture} is for png, svg and pdf, and the format is {chosen}: leave "
            "--picture out, or add --format svg."
        )
    context = _runs(runs or [])
    name = "-".join(context.files)
    if output == "-" and chosen is not ReportFormat.md:
        raise CommandFailed(
            f"-o - is for Markdown, and the format is {chosen}: name a file ending with .{chosen}."
        )
    target = output if output is not None or chosen is ReportFormat.md else f"{name}.{chosen}"
    if chosen is ReportFormat.html:
        _write_page(context, Path(str(target)).expanduser())
    elif chosen is ReportFormat.md:
        _write_markdown(context, target)
    else:
        _write_picture(context, str(target), chosen, picture or PictureOf.loss)


def _format_of(output: str | None) -> ReportFormat:
    if output is None:
        return ReportFormat.html
    ending = Path(output).suffix.lower().removeprefix(".")
    try:
        return ReportFormat(_SUFFIXES.get(ending, ending))
    except ValueError:
        known = ", ".join(f".{each}" for each in ReportFormat)
        raise CommandFailed(
            f"-o {output} does not say what to write: name a file that ends with {known}, or add "
            "--format."
        ) from None


def _runs(named: list[str]) -> "NamedRuns":
    from chainrule.faces.report.saved import SameName, named_runs
    from chainrule.store import RunFileError

    paths: list[Path] = []
    wanted: list[str | None] = [*named] or [None]
    for each in wanted:
        with open_named(each) as reader:
            paths.append(reader.path)
    try:
        return named_runs(paths)
    except (RunFileError, SameName) as error:
        raise CommandFailed(str(error)) from error


def _write_page(context: "NamedRuns", target: Path) -> None:
    from chainrule.faces.built_views import NotBuilt
    from chainrule.faces.report.page import ORDINARY_BYTES
    from chainrule.faces.report.saved import report
    from chainrule.store import RunFileError

    _check_folder(target)
    try:
        text = report(list(context.files.values())).html()
    except (NotBuilt, RunFileError) as error:
        raise CommandFailed(str(error)) from error
    write_whole(target, text, "The report")
    size = len(text.encode())
    typer.echo(f"{target} ({size / 1024:,.0f} KiB)")
    if size > ORDINARY_BYTES:
        say(
            f"{target} is larger than the {ORDINARY_BYTES / 1024**2:.0f} MiB that a report of an "
            "ordinary run stays below; of fewer runs at once it would be smaller"
        )


def _write_markdown(context: "NamedRuns", target: str | None) -> None:
    from chainrule.faces.report.answers import opened
    from chainrule.faces.report.pull_request import pull_request
    from chainrule.store import RunFileError

    try:
        with opened(context) as readers:
            text = pull_request(list(readers.values()))
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    if target in (None, "-"):
        from chainrule.faces.page import page_for_stdout

        page_for_stdout().verbatim(text)
        return
    path = Path(str(target)).expanduser()
    _check_folder(path)
    write_whole(path, text, "The report")
    typer.echo(str(path))


def _write_picture(
    context: "NamedRuns", target: str, chosen: ReportFormat, picture: PictureOf
) -> None:
    from chainrule.faces.figure import save_figure
    from chainrule.faces.report.answers import opened
    from chainrule.faces.report.pictures import NothingToDraw, Picture, draw_run
    from chainrule.store import RunFileError

    if Path(target).suffix.lower() != f".{chosen}":
        raise CommandFailed(
            f"-o {target} and --format {chosen} do not agree: name a file that ends with .{chosen}."
        )
    file = figure_file(target, "-o")
    try:
        with opened(context) as readers:
            figure = draw_run(Picture(picture), list(readers.values()))
        save_figure(figure, file)
    except (NothingToDraw, RunFileError) as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise CommandFailed(f"-o {file} cannot be written: {error.strerror or error}.") from error
    typer.echo(target)


def _check_folder(target: Path) -> None:
    """Say before anything is computed that a file cannot be written there."""
    if target.is_dir():
        raise CommandFailed(f"-o {target} cannot be written: it is a folder.")
    if not target.absolute().parent.is_dir():
        raise CommandFailed(
            f"-o {target} cannot be written: there is no folder {target.absolute().parent}."
        )
