"""The process beside a watched script that reports when the script cannot.

Runs as `python -I -S watcher.py PID PIDFD`, a child of nobody. A script that ends by itself has
printed its verdict before (see `boot/sitecustomize.py`); one that is killed, calls `os._exit` or
crashes has not, and this process prints it. While the script lives it keeps the status line, and
starts the page that `--view` asks for.
"""

import json
import os
import select
import signal
import struct
import sys
import time
from contextlib import suppress
from typing import Any

_SETTINGS = "CHAINRULE_SETTINGS"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# linux/pidfd.h, since Linux 6.15: PIDFD_GET_INFO fills 64 bytes, the last four a wait status
_GET_INFO = 3 << 30 | 64 << 16 | 0xFF << 8 | 11
_INFO_EXIT = 1 << 3


class Script:
    """The process that is watched.

    Args:
        pid: Its number.
        descriptor: Its pidfd; -1 where the system has none.
    """

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
        fields = self._fields()
        self._born = fields[19] if fields else ""

    def wait(self, seconds: float | None) -> bool:
        """True if it has ended, within `seconds`."""
        if self._descriptor >= 0:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            return bool(poll.poll(None if seconds is None else seconds * 1000))
        until = None if seconds is None else time.monotonic() + seconds
        while self._lives():
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(0.1)
        return True

    def end(self) -> dict[str, str]:
        """`exit_code` or `signal`, where the system tells one who is not the parent."""
        for _ in range(20):
            status = self._status_left()
            if status is not None:
                code = os.waitstatus_to_exitcode(status)
                return {"exit_code": str(code)} if code >= 0 else {"signal": str(-code)}
            time.sleep(0.01)
        return {}

    def _status_left(self) -> int | None:
        """Its wait status: from its zombie, or from its pidfd once the parent has asked for it."""
        fields = self._fields()
        if fields and fields[0] == "Z" and fields[19] == self._born:
            return int(fields[49])
        if self._descriptor < 0 or sys.platform != "linux":
            return None
        import fcntl

        info = bytearray(struct.pack("Q", _INFO_EXIT) + bytes(56))
        try:
            fcntl.ioctl(self._descriptor, _GET_INFO, info)
        except OSError:
            return None
        known = struct.unpack_from("Q", info)[0] & _INFO_EXIT
        return int(struct.unpack_from("i", info, 60)[0]) if known else None

    def _lives(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        fields = self._fields()
        return fields is None or (fields[0] not in "ZX" and fields[19] == self._born)

    def _fields(self) -> list[str] | None:
        """What /proc/PID/stat says after the name: first the state, 20th the time of birth."""
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                return file.read().rpartition(")")[2].split()
        except OSError:
            return None


class StatusLine:
    """The process that draws the status line and tells of errors, until the verdict.

    With `--stop-on` it is there without a terminal as well: it decides whether the training ends.

    Args:
        settings: Settings of the run.
        pid: Number of the script.
    """

    def __init__(self, settings: dict[str, str], pid: int) -> None:
        self._draws = settings.get("status") == "on" and os.isatty(2)
        self._stop_on = settings.get("stop_on") or ""
        self.wanted = self._draws or bool(self._stop_on)
        self._settings = settings
        self._pid = pid
        self._process: int | None = None
        self._note = settings["pointer"] + ".status"

    def keep(self) -> None:
        """Start it once there is something to show; note when it has gone."""
        if self._process is not None:
            if os.waitpid(self._process, os.WNOHANG)[0]:
                self._gone()
            return
        run = (pointed(self._settings["pointer"]) or {}).get("run")
        if run:
            command = json.loads(self._settings["status_command"])
            self._process = spawn([*command, str(run), "--pid", str(self._pid), *self._options()])
            with open(self._note, "w") as file:
                file.write(str(self._process))

    def _options(self) -> list[str]:
        options = [] if self._draws else ["--no-line"]
        if self._settings.get("format") == "none":
            options.append("--silent")
        if self._stop_on:
            options += ["--stop-on", self._stop_on, "--mark", self._settings["pointer"] + ".stop"]
        return options

    def stop(self) -> None:
        """End it and wait until its line is wiped."""
        if self._process is not None:
            os.kill(self._process, signal.SIGTERM)
            os.waitpid(self._process, 0)
            self._gone()

    def _gone(self) -> None:
        self._process = None
        self.wanted = False
        remove(self._note)


class Page:
    """The process that shows the run in a browser; it outlives the run, and us.

    Args:
        settings: Settings of the run.
    """

    def __init__(self, settings: dict[str, str]) -> None:
        self.wanted = settings.get("view") == "1"
        self._settings = settings

    def open(self) -> None:
        """Start it once there is something to show."""
        run = (pointed(self._settings["pointer"]) or {}).get("run")
        if self.wanted and run:
            self.wanted = False
            spawn([*json.loads(self._settings["view_command"]), str(run)])


def spawn(command: list[str]) -> int:
    """Start a command with our stderr as its stdout; returns its pid."""
    return os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)],
        setsigdef=_SIGNALS,
    )


def pointed(pointer: str) -> dict[str, Any] | None:
    """What the script wrote about itself; None if the pointer has been withdrawn."""
    try:
        with open(pointer) as file:
            return dict(json.load(file))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}


def remove(path: str) -> None:
    """Remove a file that may be gone."""
    with suppress(OSError):
        os.unlink(path)


def main() -> None:
    """Wait for the end of the script and report if it could not."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    settings: dict[str, str] = json.loads(os.environ.pop(_SETTINGS))
    script = Script(int(sys.argv[1]), int(sys.argv[2]))
    line = StatusLine(settings, script.pid)
    page = Page(settings)
    try:
        while (line.wanted or page.wanted) and not script.wait(0.1):
            page.open()
            if line.wanted:
                line.keep()
        script.wait(None)
        page.open()
        line.stop()
        left = pointed(settings["pointer"])
        if left is None or left.get("verdict") == "done" or settings.get("quiet") == "1":
            return
        known = {**settings, **script.end(), "torch": "imported" if left.get("run") else "unknown"}
        if left.get("unrecorded"):
            known["unrecorded"] = left["unrecorded"]
        run = [str(left["run"])] if left.get("run") else []
        command = json.loads(settings["verdict_command"])
        os.waitpid(spawn([*command, *run, "--settings", json.dumps(known)]), 0)
    finally:
        remove(settings["pointer"])
        remove(settings["pointer"] + ".stop")


if __name__ == "__main__":
    try:
        main()
    except Exception:
        # Nobody can be told but the reader of the script's stderr, whom it does not concern.
        sys.exit(1)
