"""`chainrule view`: the page, in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed
from .page_options import HOST, PORT, Host, NoBrowser, Port, serve_page


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN|FOLDER]", help="A run's file or name, or a folder of runs."),
    ] = None,
    host: Host = HOST,
    port: Port = PORT,
    no_browser: NoBrowser = False,
) -> None:
    """Open the page on which runs and formulas are seen.

    It is served from this machine, to this machine only, until Ctrl-C.

    Example: chainrule view
    """
    folder, file, route = _what(run)
    from chainrule.faces.views.question import Context

    serve_page(Context(folder, file), route, host=host, port=port, no_browser=no_browser)


def _what(run: str | None) -> tuple[Path, Path | None, str]:
    """The folder to serve, the run file that was named by its path, and the view to begin with."""
    from urllib.parse import quote

    from chainrule.store import RunFileError, find_run

    if run is None:
        return Path(DEFAULT_FOLDER).absolute(), None, ""
    if Path(run).is_dir():
        return Path(run).absolute(), None, ""
    try:
        path = find_run(run).absolute()
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    return path.parent, path, f"/run/{quote(path.stem, safe='')}"
