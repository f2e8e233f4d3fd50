"""Where the server is to be reached: its socket, its URL, and the names it answers to."""

import errno
import ipaddress
import re
import socket
from dataclasses import dataclass

from chainrule.records.message import Message

PORTS_TRIED = 50
"""How many ports are tried, from the one that was wanted: as many servers may run side by side."""

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?")


class NoAddress(Exception):
    """No address could be had.

    Args:
        reason: One sentence for the reader; as a `Message` it can be said in another language.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """A bound socket.

    Attributes:
        socket: It listens already, so whoever is told the URL is not too early.
        host: As it stands in a URL, an IPv6 address in brackets.
        port: That was taken.
        names: Hosts that a request may name; an empty set stands for any address in figures and
            the name of this machine, for a server bound to all of its addresses.
        loopback: Whether only this machine can reach it.
    """

    socket: socket.socket
    host: str
    port: int
    names: frozenset[str]
    loopback: bool

    def url(self, token: str, route: str = "") -> str:
        """The URL of a page with the token in it.

        Args:
            token: The server's.
            route: What follows `#`.
        """
        return f"http://{self.host}:{self.port}/?token={token}" + (f"#{route}" if route else "")

    def answers_to(self, host: str) -> bool:
        """Whether a `Host` header names this server.

        A page of somebody's whose name was made to lead here (DNS rebinding) names another. The
        port may be any: behind `ssh -L` the browser's is not ours.
        """
        match = _HOST.fullmatch(host.lower())
        if match is None:
            return False
        name = match["v6"] or match["name"]
        if name in self.names:
            return True
        return not self.names and (_is_figures(name) or name == socket.gethostname().lower())


def bind(host: str, port: int) -> Address:
    """Listen on a port, or on the next one that is free.

    Args:
        host: A name or an address of this machine.
        port: 0 for any free one.

    Raises:
        NoAddress: If this machine has no such address, or none of the ports is free.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise NoAddress(
            Message(
                "Expected a name or address of this machine for --host, found {host!r} ({error}); "
                "127.0.0.1 is the usual one.",
                host=host,
                error=error,
            )
        ) from error
    family, kind, protocol, _, where = found[0]
    address = str(where[0])
    for candidate in [port] if port == 0 else range(port, min(port + PORTS_TRIED, 65536)):
        listening = socket.socket(family, kind, protocol)
        try:
            # Else a port stays taken for a minute after its server has gone.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, candidate, *where[2:]))
            listening.listen(128)
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise NoAddress(
                    Message(
                        "Expected to listen on {address} port {port}, but the system refused: "
                        "{reason}; choose another --host or --port.",
                        address=address,
                        port=candidate,
                        reason=error.strerror or error,
                    )
                ) from error
        else:
            listening.setblocking(False)
            return _address(listening, host, address)
    raise NoAddress(
        Message(
            "The ports from {first} to {last} of {address} are all taken; choose another --port, "
            "or --port 0 for any free one.",
            first=port,
            last=candidate,
            address=address,
        )
    )


def _address(listening: socket.socket, host: str, address: str) -> Address:
    figures = ipaddress.ip_address(address.partition("%")[0])
    port = int(listening.getsockname()[1])
    names = frozenset({host.lower(), str(figures)})
    if figures.is_loopback:
        names |= _LOOPBACK_NAMES
    elif figures.is_unspecified:
        names = frozenset()
        host = "127.0.0.1" if figures.version == 4 else "::1"
    shown = f"[{host}]" if ":" in host else host
    return Address(listening, shown, port, names, figures.is_loopback)


def _is_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
