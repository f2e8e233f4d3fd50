"""Whether a run file was written to, told without opening it."""

from contextlib import suppress
from pathlib import Path

from .connection import log_of


def write_stamp(path: Path) -> tuple[int, ...] | None:
    """What changes whenever a run file or its write-ahead log is written to; None if it is gone.

    Unlike `RunReader.data_version` it holds no connection open, which would keep the writer from
    settling the file when the run ends.
    """
    try:
        file = path.stat()
    except OSError:
        return None
    found = [file.st_ino, file.st_mtime_ns, file.st_size]
    with suppress(OSError):
        log = log_of(path).stat()
        found += [log.st_mtime_ns, log.st_size]
    return tuple(found)
