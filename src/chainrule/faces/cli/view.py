"""`chainrule view`: the page, in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed, say


def command(
    run: Annotated[
        str | None,
        typer.Argument(metavar="[RUN|FOLDER]", help="A run's file or name, or a folder of runs."),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address of this machine to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes any free one.")
    ] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the URL.")] = False,
) -> None:
    """Open the page on which runs and formulas are seen.

    It is served from this machine, to this machine only, until Ctrl-C.

    Example: chainrule view
    """
    folder, file, route = _what(run)
    from chainrule.faces.server.address import NoAddress
    from chainrule.faces.server.serving import open_browser, prepare
    from chainrule.faces.views.question import Context

    try:
        page = prepare(Context(folder, file), host, port)
    except NoAddress as error:
        raise CommandFailed(str(error)) from error

    def started() -> None:
        url = page.url(route)
        typer.echo(url)
        if page.address.port != port and port != 0:
            say(f"port {port} is taken; this page is on port {page.address.port}")
        if not page.address.loopback:
            say(
                f"whoever can reach {page.address.host} over the network and has this URL sees "
                "these runs, and what is sent is not encrypted; ssh -L with the usual --host is "
                "safer"
            )
        if not no_browser:
            open_browser(url)

    page.serve(started)


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
