"""`chainrule status`: the live status line, a process of its own beside the training."""

from pathlib import Path
from typing import Annotated

import typer

from .failure import say
from .settings import StopOn

HIDDEN = True


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN")],
    pid: Annotated[int, typer.Option(metavar="PID")],
    no_line: Annotated[bool, typer.Option("--no-line")] = False,
    silent: Annotated[bool, typer.Option("--silent")] = False,
    stop_on: Annotated[StopOn | None, typer.Option()] = None,
    mark: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
) -> None:
    """Show how a training goes in the terminal's last row until it ends, and tell of errors."""
    from chainrule.faces.status import show_status

    show_status(
        run,
        pid,
        draws=not no_line,
        say=(lambda line: None) if silent else say,
        stop_on=stop_on.value if stop_on is not None else None,
        mark=mark,
    )
