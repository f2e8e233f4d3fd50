"""What every request must show before anything else looks at it, and what every response says.

A web page of anybody's that is open in the same browser can send requests here, and other users of
this machine can. Against the first: the `Host` header must name this server (else a name that was
made to lead here would make that page same-origin), `Origin` must be ours, and the cookie is
SameSite. Against the second: nothing is served without the token.
"""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response

from .address import Address

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT_BYTES = 64 * 1024
"""Of a request; the longest formula with its point has a tenth of that."""

_DRAINED_BYTES = 16 * 1024 * 1024
"""Of a body that is too long, so much is read and dropped: a client that still sends when the
connection closes sees a broken pipe and never the reason."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_SAFE = ("GET", "HEAD")


class Guard:
    """An ASGI application in front of another.

    Args:
        application: Hears only of requests that may be answered.
        address: Where the server is.
        token: Known to whom the URL was told.
    """

    def __init__(self, application: Application, address: Address, token: str) -> None:
        self._application = application
        self._address = address
        self._token = token.encode()
        self._cookie = f"chainrule-{address.port}"  # cookies are shared by all ports of a host
        self._set_cookie = f"{self._cookie}={token}; HttpOnly; SameSite=Strict; Path=/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        bears_token = scope["path"] == "/" and self._is_token(_token_in(scope["query_string"]))

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                made = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    made[name] = value
                made.setdefault("cache-control", "no-store")
                if bears_token and message["status"] < 400:
                    made.append("set-cookie", self._set_cookie)
            await send(message)

        refusal = self._refusal(scope, headers, bears_token)
        if refusal is None:
            receive, refusal = await _limited(headers, receive)
        if refusal is None:
            await self._application(scope, receive, send_guarded)
        else:
            status, sentence = refusal
            await refused(scope["path"], status, sentence)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope, headers: Headers, bears_token: bool) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._address.answers_to(hosts[0]):
            return 400, "The Host header of this request does not name this server."
        if not bears_token and not self._is_token(self._cookies(headers)):
            return 403, (
                "This page needs the token of its URL: open the URL that the command printed, "
                "with all that follows the question mark."
            )
        origins = headers.getlist("origin")
        if origins != [f"http://{hosts[0].lower()}"] and (origins or scope["method"] not in _SAFE):
            return 403, "This request comes from a page that is not of this server (Origin)."
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none") and not bears_token:
            return 403, "This request comes from a page that is not of this server."
        return None

    def _cookies(self, headers: Headers) -> str:
        for cookie in "; ".join(headers.getlist("cookie")).split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == self._cookie:
                return value
        return ""

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token)


def refused(path: str, status: int, sentence: str) -> Response:
    """A refusal: JSON for programs, text for who looks at it in a browser."""
    if path.startswith("/api/"):
        return JSONResponse({"error": {"sentence": sentence}}, status)
    return PlainTextResponse(sentence + "\n", status)


async def _limited(headers: Headers, receive: Receive) -> tuple[Receive, tuple[int, str] | None]:
    """The body, read as far as it may go, for the application to receive."""
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return receive, None
    body, length = bytearray(), 0
    announced = headers.get("content-length", "0")
    too_long = len(announced) > 12 or int(announced) > _DRAINED_BYTES
    more = not too_long
    while more and length <= _DRAINED_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return receive, None
        piece = message.get("body", b"")
        length += len(piece)
        if length <= BODY_LIMIT_BYTES:
            body += piece
        more = message.get("more_body", False)
    if too_long or length > BODY_LIMIT_BYTES:
        return receive, (413, f"Expected a body of at most {BODY_LIMIT_BYTES} bytes, found more.")
    given = False

    async def receive_again() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return receive_again, None


def _token_in(query: bytes) -> str:
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]
