"""Ending the script between two steps, as `--stop-on` and `chainrule check` ask for.

By `SystemExit` out of the optimizer's step, so that `finally` blocks and `atexit` run. A script
that swallows it meets it again at its next step, and then the process ends at once. Nobody is
hooked into a step unless one of the two was asked for.
"""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

EXIT_CODE = 3
"""Of a training that `--stop-on` has ended."""

_TRIES = 2  # SystemExits before the process ends at once


class Ending:
    """Decides after each step whether it was the last.

    Args:
        mark: A file whose being there asks for the end; it says why.
        stop_on: The severity that was asked for, for the sentence.
        after: Steps after which to end; 0 for no such number.

    Attributes:
        code: The exit code.
        words: Why, for the run file; empty if it is no failure.
        has_come: True once the script was told to end.
        at_once: Called before the process is ended without Python's leave.
    """

    def __init__(self, mark: Path | None = None, stop_on: str = "", after: int = 0) -> None:
        self._mark = mark
        self._after = after
        self._steps = 0
        self._stop_on = stop_on
        self._told = 0
        self._asked = False
        self.code = EXIT_CODE if mark is not None else 0
        self.words = ""
        self.has_come = False
        self.at_once: Callable[[], object] = lambda: None

    def ask(self) -> None:
        """Look whether the end was asked for; called when something was written to the run file."""
        if self._mark is None or self._asked or not self._mark.exists():
            return
        self._asked = True
        self.words = f"--stop-on {self._stop_on}, for {self._mark.read_text() or 'a fault'}"

    def after_step(self, optimizer: Any, args: Any = None, kwargs: Any = None) -> None:
        """Global post-hook of every optimizer's step, after the observation's own."""
        self._steps += 1
        if not self._asked and not 0 < self._after <= self._steps:
            return
        self.has_come = True
        self._told += 1
        if self._told <= _TRIES and threading.current_thread() is threading.main_thread():
            raise SystemExit(self.code)
        self.at_once()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(self.code)


def ending_of(settings: Mapping[str, str]) -> Ending | None:
    """What the settings ask for; None if the script ends by itself."""
    after, stop_on = int(settings.get("stop_after") or 0), settings.get("stop_on") or ""
    pointer = settings.get("pointer") or ""
    if after:
        return Ending(after=after)
    if stop_on and pointer:
        return Ending(Path(f"{pointer}.stop"), stop_on)
    return None
