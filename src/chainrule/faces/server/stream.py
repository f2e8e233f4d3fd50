"""Messages to a browser as they come: a response of server-sent events.

Of each event only the latest message is kept until the browser takes it, so a slow one is told how
things are and never how they were.
"""

import asyncio
import json

from starlette.responses import Response

from chainrule.records.json_values import Json

from .security import Receive, Scope, Send

HEARTBEAT_S = 15.0
"""Proxies and `ssh` close connections that are silent for a minute or so."""


class Mailbox:
    """What one browser is still to be told. Used in the thread of the event loop only."""

    def __init__(self) -> None:
        self._messages: dict[str, Json] = {}
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, event: str, data: Json) -> None:
        """Tell it something, in place of an earlier message of the same event."""
        self._messages.pop(event, None)
        self._messages[event] = data
        self._ready.set()

    def close(self) -> None:
        """Tell it no more than what is in here already."""
        self._closed = True
        self._ready.set()

    async def take(self, patience_s: float) -> list[tuple[str, Json]] | None:
        """What is in here, waiting for it; none if nothing came; None after the last message."""
        try:
            async with asyncio.timeout(patience_s):
                await self._ready.wait()
        except TimeoutError:
            return []
        messages = list(self._messages.items())
        self._messages.clear()
        if not self._closed:
            self._ready.clear()
        return messages or (None if self._closed else [])


class EventStream(Response):
    """Server-sent events from a mailbox, until it is closed or the browser has gone."""

    media_type = "text/event-stream"

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._mailbox = mailbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        text = "retry: 1000\n\n"
        while True:
            body = text.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
            messages = await self._mailbox.take(HEARTBEAT_S)
            if messages is None:
                break
            text = "".join(as_event(*message) for message in messages) or ": still here\n\n"
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def as_event(event: str, data: Json) -> str:
    """One message as it is sent."""
    return f"event: {event}\ndata: {compact(data)}\n\n"


def compact(document: Json) -> str:
    """A document as JSON in one line."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
