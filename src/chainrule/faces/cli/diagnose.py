"""`chainrule diagnose`: the verdict on a run file, every finding in full."""

from typing import Annotated

import typer

from .failure import CommandFailed
from .formats import Format, print_verdict
from .run_files import open_named


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="A run's file or name.  [default: the newest]"),
    ] = None,
    format: Annotated[Format, typer.Option(help="Of the verdict.")] = Format.text,
) -> None:
    """Say what a run's training suffers from, and what to change.

    Ends with status 0 whatever is found, and with 2 if the run cannot be read.
    """
    from chainrule.diagnosis import diagnose
    from chainrule.faces.page import page_for_stdout
    from chainrule.store import RunFileError

    try:
        with open_named(run) as reader:
            findings = diagnose(reader)
            header = reader.run()
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    print_verdict(page_for_stdout(), header, findings, format, full=True)
