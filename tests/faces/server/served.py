"""A real server process and real HTTP, for the tests of this folder."""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

HERE = Path(__file__).parent
CHAINRULE = (sys.executable, "-m", "chainrule")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def sentence(self) -> str:
        return str(self.document["error"]["sentence"])


class Events:
    """An event stream that is read as it comes."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._response = connection.getresponse()
        assert self._response.status == 200
        assert self._response.headers["content-type"].startswith("text/event-stream")

    def next(self, *wanted: str) -> tuple[str, Any]:
        """The next event, of one of these kinds; within the time to the first heartbeat."""
        event = ""
        while line := self._response.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            assert not line.startswith(":"), "there was nothing to tell"
            if name == "event":
                event = value
            elif name == "data" and (not wanted or event in wanted):
                return event, json.loads(value)
        raise EOFError("the stream has ended")

    def until(self, event: str, **expected: object) -> Any:
        """The data of the first event of a kind that has these values."""
        while True:
            data = self.next(event)[1]
            if all(data[name] == value for name, value in expected.items()):
                return data

    def close(self) -> None:
        self._response.close()
        self._connection.close()


class Served:
    """A server that runs."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url
        parts = urlsplit(url)
        self.host = str(parts.hostname)
        self.port = int(parts.port or 80)
        self.token = parse_qs(parts.query)["token"][0]
        self.route = parts.fragment
        self.cookie = f"chainrule-{self.port}={self.token}"
        self.origin = f"http://{parts.netloc}"

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=20)

    def send(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        **headers: str | None,
    ) -> Answer:
        """Send a request as the page does; a header that is None is left out."""
        connection = self.connect()
        try:
            connection.request(method, path, body, self._headers(headers))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask(self, question: str, **parameters: object) -> Any:
        query = "&".join(f"{n}={quote(json.dumps(v))}" for n, v in parameters.items())
        return self.send(f"/api/ask/{question}?{query}").document

    def post(self, document: object, **headers: str | None) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        given = {"content_type": "application/json", **headers}
        return self.send("/api/jobs", "POST", body, **given)

    def job(self, question: str, **parameters: object) -> str:
        answer = self.post({"question": question, "parameters": parameters})
        assert answer.status == 201, answer.body
        return str(answer.document["job"])

    def listen(self, path: str) -> Events:
        connection = self.connect()
        connection.request("GET", path, headers=self._headers({}))
        return Events(connection)

    def memory_mb(self) -> float:
        """What it holds in memory, at its most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def libraries(self) -> str:
        """The files that it has mapped."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def _headers(self, given: Mapping[str, str | None]) -> dict[str, str]:
        ours = {"cookie": self.cookie, "origin": self.origin, **given}
        return {n.replace("_", "-"): value for n, value in ours.items() if value is not None}


@contextmanager
def serving(
    folder: Path, *arguments: str, command: Sequence[str] = (*CHAINRULE, "view")
) -> Iterator[Served]:
    """`chainrule view` in a folder; ended afterwards if it has not been."""
    if "--port" not in arguments:
        arguments = (*arguments, "--port", "0")
    process = subprocess.Popen(
        [*command, "--no-browser", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    url = process.stdout.readline().strip()
    try:
        assert url.startswith("http"), process.stderr.read()
        yield Served(process, url)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def wait_until(condition: object, patience_s: float = 20) -> None:
    """Wait until a function is true."""
    assert callable(condition)
    until = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)
