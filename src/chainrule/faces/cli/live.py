"""`chainrule live`: the page on a run that is being made, for `chainrule run --view`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .failure import CommandFailed

HIDDEN = True

IDLE_END_S = 600.0
"""The server ends so long after the run, and after the last browser has left: a coffee break."""


def command(run: Annotated[Path, typer.Argument(metavar="RUN")]) -> None:
    """Show a run in a browser while it trains, and stay until nobody looks any more."""
    from urllib.parse import quote

    from chainrule.faces.server.address import NoAddress
    from chainrule.faces.server.serving import open_browser, prepare
    from chainrule.faces.views.question import Context
    from chainrule.store import RunFileError, RunReader

    path = run.absolute()
    try:
        page = prepare(Context(path.parent, path), "127.0.0.1", 8765)
    except NoAddress as error:
        raise CommandFailed(str(error)) from error

    def started() -> None:
        url = page.url(f"/run/{quote(path.stem, safe='')}")
        # Not `say`: it shortens long words, and a URL is one.
        typer.echo(
            f"chainrule: the run is shown at {url} (until {IDLE_END_S / 60:.0f} minutes after it "
            f"has ended and no browser looks at it; to end that page now: kill {os.getpid()})",
            err=True,
        )
        open_browser(url)
        _let_go_of_the_terminal()

    def ended() -> bool:
        try:
            with RunReader(path) as reader:
                return reader.run().status != "running"
        except RunFileError:
            return True

    page.serve(started, IDLE_END_S, ended)


def _let_go_of_the_terminal() -> None:
    """A pipe from the training would else stay open, and whoever reads it would wait for us."""
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
