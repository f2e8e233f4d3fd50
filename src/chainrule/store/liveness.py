"""Is the process that writes a run file still there?

On the same machine, boot and pid namespace, the pid decides, together with the time at which that
process was started (where /proc tells it), so that a pid used again deceives nobody. From anywhere
else (another host, a container's neighbour) no pid can be looked up: there a run counts as alive
while its last flush, which carries the time, was less than a minute ago. A writer flushes at each
step, at most once a second, so only a run with steps longer than a minute can be taken for lost,
and only from afar and until its next step.
"""

import os
import platform
from pathlib import Path

SILENCE_S = 60.0
"""How long a run watched from another machine may write nothing before it counts as lost."""


def host() -> str:
    """Name of this machine, for the reader."""
    return platform.node()


def machine() -> str:
    """Names the machine, its boot and the pid namespace; within one, a pid means one process."""
    boot = _read("/proc/sys/kernel/random/boot_id")
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return " ".join((host(), boot.strip(), namespace))


def process_start(pid: int) -> str:
    """When process `pid` was started, in clock ticks since boot; empty if that is not known."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def is_running(pid: int, started: str) -> bool:
    """Whether the process `pid` of this machine that was started at `started` still runs.

    Args:
        pid: Its process id.
        started: What `process_start` said when it ran; empty if it was not known.
    """
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass  # it exists and is somebody else's
    except (OSError, OverflowError):
        return False
    fields = _stat(pid)
    if len(fields) <= 19:
        return True
    gone = fields[0] in "ZX"  # dead, and only not yet waited for by its parent
    return not gone and started in ("", fields[19])


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from the third (the state) on; the name may hold blanks."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
