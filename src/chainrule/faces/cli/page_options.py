"""The options of commands that open the page, and how it is served."""

from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed, say

if TYPE_CHECKING:
    from chainrule.faces.views.question import Context
    from chainrule.records.message import Translate

HOST = "127.0.0.1"
PORT = 8765

Host = Annotated[str, typer.Option(metavar="HOST", help="Address of this machine to listen on.")]
Port = Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes any free one.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the URL.")]


def serve_page(
    context: "Context",
    route: str,
    *,
    host: str,
    port: int,
    no_browser: bool,
    translate: "Translate" = str,
) -> None:
    """Serve the page until Ctrl-C, and open a browser on it.

    Args:
        context: What its questions are asked of.
        route: Where it begins, as `/run/digits`; the start page if empty.
        host: Address of this machine to listen on.
        port: Another one is taken if it is not free; 0 for any.
        no_browser: Only print the URL.
        translate: What is said on stderr; English without it.
    """
    from chainrule.faces.server.address import NoAddress
    from chainrule.faces.server.serving import open_browser, prepare
    from chainrule.records.message import Message

    try:
        page = prepare(context, host, port)
    except NoAddress as error:
        raise CommandFailed(error.reason) from error

    def started() -> None:
        url = page.url(route)
        typer.echo(url)
        if page.address.port != port and port != 0:
            taken = Message(
                "port {port} is taken; this page is on port {other}",
                port=port,
                other=page.address.port,
            )
            say(taken, translate)
        if not page.address.loopback:
            open_to_others = Message(
                "whoever can reach {host} over the network and has this URL sees these runs, and "
                "what is sent is not encrypted; ssh -L with the usual --host is safer",
                host=page.address.host,
            )
            say(open_to_others, translate)
        if not no_browser:
            open_browser(url)

    page.serve(started)
