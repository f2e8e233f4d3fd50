"""The live status line: a process beside the training that reads the run file and never writes it.

It also tells of errors, see `announcer`; that it does on a terminal without rows, too.

It ends when the training's process does, or on SIGTERM, and leaves the terminal as it was. Ctrl-C
is the training's to answer: here it does nothing.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType

from rich.cells import cell_len, set_cell_size

from chainrule.records import Severity

from .announcer import Announcer
from .last_row import LastRow
from .page import Page, page_for_stderr
from .progress import Progress, ProgressReader

_EVERY_S = 1.0
_SHARE = 0.03  # of one core, at most, spent reading
_NICE = 10  # gives way to the training
_WATCH_PARENT_S = 0.2  # where the system cannot tell us of its end


def show_status(
    run: Path,
    pid: int,
    *,
    say: Callable[[str], None],
    draws: bool = True,
    stop_on: Severity | None = None,
    mark: Path | None = None,
) -> None:
    """Show the progress of a run until its process ends, and tell of errors when they are certain.

    Args:
        run: The run file.
        pid: The process that trains.
        say: Writes one line on stderr.
        draws: Draw the status line, where the terminal has rows to move about in.
        stop_on: The mildest severity that is told and ends the training; None: errors are told.
        mark: The file that asks the training to end.
    """
    if stop_on is None and not is_terminal():
        return
    draws = draws and can_show()
    row = LastRow(sys.stderr.fileno()) if draws else LastRow(-1)

    def tell(line: str) -> None:
        row.release()
        say(line)

    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    announcer = Announcer(run, tell, stop_on or "error", mark if stop_on else None)
    with _Watch(pid) as watch:
        try:
            if draws:
                _show(run, watch, row, page_for_stderr(), announcer)
            else:
                while watch.wait(_EVERY_S):
                    announcer.look()
        finally:
            row.release()


def is_terminal() -> bool:
    """Whether stderr is a terminal, be it a dumb one."""
    try:
        return sys.stderr is not None and os.isatty(sys.stderr.fileno())
    except (OSError, ValueError):
        return False


def can_show() -> bool:
    """Whether stderr is a terminal that has rows to move about in."""
    return is_terminal() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def _show(run: Path, watch: "_Watch", row: LastRow, page: Page, announcer: Announcer) -> None:
    progress, pause_s = Progress(0), 0.0
    with contextlib.closing(_progress(run)) as readings:
        while watch.wait(pause_s):
            started = time.monotonic()
            progress = next(readings, progress)
            pause_s = max(_EVERY_S, (time.monotonic() - started) / _SHARE)
            announcer.look()
            if not watch.is_in_foreground():
                row.release()
            elif (row.rows and not row.is_resized) or row.claim():
                line = page.safe(progress.line(row.columns - 1, page.glyphs.ellipsis))
                width = min(cell_len(line), row.columns - 1) + 1
                row.draw(set_cell_size(f" {line}", row.columns if width else 0), page.encoding)


def _progress(run: Path) -> Generator[Progress, None, None]:
    """The latest progress, read again only when the file was written to."""
    from chainrule.store import RunFileError, open_run

    progress = Progress(0)
    while True:
        try:
            with open_run(run) as reader:
                readings, version = ProgressReader(reader), -1
                while True:
                    if (now := reader.data_version()) != version:
                        version, progress = now, readings.read()
                    yield progress
        except RunFileError:  # not written yet, or for a moment not readable
            yield progress


class _Watch:
    """Waits for the time to pass, the training's process to end, or a signal to us."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = False
        self._descriptor: int | None = None
        self._wake, self._waker = os.pipe()

    def __enter__(self) -> "_Watch":
        for descriptor in (self._wake, self._waker):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, self._end)
        for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTTOU):
            signal.signal(number, signal.SIG_IGN)  # the training's to answer; see is_in_foreground
        signal.signal(signal.SIGWINCH, lambda number, frame: None)  # only to wake up
        with contextlib.suppress(AttributeError, OSError):  # AttributeError: not Linux
            self._descriptor = os.pidfd_open(self._pid)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.set_wakeup_fd(-1)
        for descriptor in (self._wake, self._waker, self._descriptor):
            if descriptor is not None:
                os.close(descriptor)

    def wait(self, seconds: float) -> bool:
        """Wait; False if the training or this process shall end. A signal ends the wait early."""
        until = time.monotonic() + seconds
        while not self._ended and self._is_alive():
            left = max(until - time.monotonic(), 0)
            awaited = [self._wake]
            if self._descriptor is None:
                left_now = min(left, _WATCH_PARENT_S)
            else:
                awaited.append(self._descriptor)
                left_now = left
            ready = select.select(awaited, [], [], left_now)[0]
            if self._wake in ready:
                os.read(self._wake, 512)
                return not self._ended
            if self._descriptor in ready:
                return False
            if left <= left_now:
                return True
        return False

    def is_in_foreground(self) -> bool:
        """False while the training is stopped or a background job: the terminal is another's."""
        try:
            stat = Path(f"/proc/{self._pid}/stat").read_text()
            _, _, group, _, _, foreground = stat.rpartition(")")[2].split()[:6]
        except (OSError, ValueError):
            return True  # not Linux: nobody tells us
        return foreground in (group, "-1")

    def _is_alive(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ended = True
