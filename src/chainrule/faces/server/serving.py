"""Serving the page until somebody ends it."""

import asyncio
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import uvicorn

from chainrule.faces.views.question import Context

from .address import Address, bind
from .app import Endpoints, load_questions
from .security import BODY_LIMIT_BYTES, Guard, Receive, Scope, Send

_PATIENCE_S = 5
"""How long answers under way may take when the server ends."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is about to be served.

    Attributes:
        context: What its questions are asked of.
        address: Where.
        token: Without it nothing is served.
    """

    context: Context
    address: Address
    token: str

    def url(self, route: str = "") -> str:
        """The URL to open.

        Args:
            route: The view, as `/run/digits`; the start page if empty.
        """
        return self.address.url(self.token, route)

    def serve(
        self,
        started: Callable[[], object],
        idle_end_s: float | None = None,
        ended: Callable[[], bool] = lambda: True,
    ) -> None:
        """Answer until SIGINT or SIGTERM.

        Args:
            started: Called once it answers, and ends well by a signal.
            idle_end_s: End as well after so many seconds in which no browser was connected and
                `ended` was true; None: never.
            ended: Whether what is shown has ended.
        """
        endpoints = Endpoints(self.context)
        guard = Guard(endpoints.application(), self.address, self.token)
        activity = _Activity(guard, endpoints, idle_end_s, ended)
        config = uvicorn.Config(
            activity,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE_S,
            h11_max_incomplete_event_size=BODY_LIMIT_BYTES,
        )
        _Server(config, endpoints, activity, started).run(sockets=[self.address.socket])


def prepare(context: Context, host: str, port: int) -> Page:
    """Take a port and make a token.

    Raises:
        NoAddress: If there is no such address, or no free port.
    """
    return Page(context, bind(host, port), secrets.token_urlsafe(24))


def has_screen() -> bool:
    """Whether a browser can be opened here.

    On Linux a browser without a display would be one in the terminal, which takes it over.
    """
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return sys.platform != "linux" or any(os.environ.get(name) for name in displays)


def open_browser(url: str) -> bool:
    """Open a browser on the URL, unless this is a machine without a screen.

    Returns:
        Whether it was tried.
    """
    if not has_screen():
        return False

    def opening() -> None:
        import webbrowser

        webbrowser.open(url)

    threading.Thread(target=opening, daemon=True).start()
    return True


class _Activity:
    """In front of the guard: notes when somebody was here last."""

    def __init__(
        self,
        guard: Guard,
        endpoints: Endpoints,
        idle_end_s: float | None,
        ended: Callable[[], bool],
    ) -> None:
        self._guard = guard
        self._endpoints = endpoints
        self.idle_end_s = idle_end_s
        self._ended = ended
        self._last = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._last = time.monotonic()
        await self._guard(scope, receive, send)

    def is_over(self) -> bool:
        """Whether nobody has been here for long enough."""
        if self._endpoints.events.watchers or not self._ended():
            self._last = time.monotonic()
        return time.monotonic() - self._last > (self.idle_end_s or 0.0)


class _Server(uvicorn.Server):
    """Ends its event streams when it is to end, and ends with 0 by SIGINT and SIGTERM."""

    def __init__(
        self,
        config: uvicorn.Config,
        endpoints: Endpoints,
        activity: _Activity,
        started: Callable[[], object],
    ) -> None:
        super().__init__(config)
        self._started = started
        self._endpoints = endpoints
        self._activity = activity

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._started()
        # not a daemon: an interpreter that ends while a library is half loaded may crash
        threading.Thread(target=load_questions).start()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._activity.idle_end_s is not None and counter % 10 == 0:
            self.should_exit |= await asyncio.to_thread(self._activity.is_over)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then wait for the other answers."""
        self._endpoints.end_streams()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember that it is to end; not which signal said so, to be raised anew at the end."""
        self.force_exit = self.should_exit
        self.should_exit = True
