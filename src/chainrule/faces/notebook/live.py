"""A run that is shown while its training keeps the kernel busy.

The kernel answers no question until its cell has ended, and no thread of ours runs beside the
training. So the widget is told from the place where the run file has just been written, between two
steps; what it is told is made by another process, which reads the file. The training waits for
neither: it takes what has come and asks for the next.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chainrule.faces.report.sections import ReportDocument, report_document, run_sections
from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.store import RunFileError

if TYPE_CHECKING:
    from pathlib import Path

    from chainrule.observer.watch import Watch

EVERY_S = 1.0
"""Between two pictures of a live run: people read, and drawing costs the machine."""

BUSY = "This is answered when the cell that trains has ended."
WAITING = "No step has been taken yet."
FOLLOWS = "The training goes on; the first of these views follows it."

Show = Callable[[ReportDocument], None]


def run_document(
    watch: "Watch", first: dict[str, Any] | None = None, version: int = 0
) -> ReportDocument:
    """The views of a run, one at a time.

    Args:
        watch: The run.
        first: The document of its first view, if it was made elsewhere.
        version: Another number to have everything asked for again.
    """
    path = watch.session.path
    if path is None:
        return report_document(watch.name, [], layout="tabs", remarks=[WAITING])
    sections = run_sections([watch.name])
    sections[0]["document"] = first or first_view(path)
    return report_document(
        watch.name,
        sections,
        layout="tabs",
        remarks=[FOLLOWS] if watch.running else [],
        version=version,
        busy=BUSY if watch.running else "",
    )


def first_view(path: "Path") -> dict[str, Any] | None:
    """The view that is shown first, of a run file; None if the view is to ask, and be told why."""
    try:
        return answer("run", {"run": path.stem}, Context(path.parent, path))
    except (Refusal, RunFileError):
        return None


class Live:
    """Shows a run while it is made.

    Args:
        watch: The run.
        show: Takes its documents.
        ended: Called after the last of them.
    """

    def __init__(self, watch: "Watch", show: Show, ended: Callable[[], None]) -> None:
        self._watch = watch
        self._show = show
        self._ended = ended
        self._reader: _Reader | None = None
        self._next_s = 0.0
        self._over = False
        watch.tell(self._written)

    def _written(self) -> None:
        if self._over:
            return
        if not self._watch.running:
            self._end()
            return
        path, now = self._watch.session.path, time.monotonic()
        if path is None:
            return
        if self._reader is None:
            self._reader = _Reader(path)
        document = self._reader.heard()
        if document is not None:
            self._show(run_document(self._watch, document))
        if now >= self._next_s and self._reader.ask():
            self._next_s = now + EVERY_S

    def _end(self) -> None:
        self._over = True
        if self._reader is not None:
            self._reader.close()
        self._show(run_document(self._watch, version=1))
        self._ended()


class _Reader:
    """A process that reads a run file; nothing here waits for it."""

    def __init__(self, path: "Path") -> None:
        self._asked = {
            "question": "run",
            "parameters": {"run": path.stem},
            "folder": str(path.parent),
            "file": str(path),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "chainrule.faces.server.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt of the kernel is for the training
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._pending = b""
        self._waiting = False

    def ask(self) -> bool:
        """Ask for the next document, unless one is on its way; gives whether it was asked."""
        if self._waiting:
            return False
        assert self._process.stdin is not None
        try:
            self._process.stdin.write((json.dumps(self._asked) + "\n").encode())
            self._process.stdin.flush()
        except OSError:
            pass  # it is gone: the run is shown again when it has ended
        self._waiting = True
        return True

    def heard(self) -> dict[str, Any] | None:
        """The document that has come; None if none has."""
        assert self._process.stdout is not None
        try:
            while piece := os.read(self._process.stdout.fileno(), 1 << 20):
                self._pending += piece
        except BlockingIOError:
            pass
        *lines, self._pending = self._pending.split(b"\n")
        document: dict[str, Any] | None = None
        for line in lines:
            self._waiting = False
            message = json.loads(line)
            document = message.get("answer", document)
        return document

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
