"""`chainrule status`: the live status line, a process of its own beside the training."""

from pathlib import Path
from typing import Annotated

import typer

HIDDEN = True


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN")],
    pid: Annotated[int, typer.Option(metavar="PID")],
) -> None:
    """Show how a training goes in the terminal's last row until it ends."""
    from chainrule.faces.status import show_status

    show_status(run, pid)
