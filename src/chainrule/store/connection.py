"""Opening a run file: to write, to amend, to read; and refusing what is not one.

The file is never opened but through SQLite: POSIX drops all of a process's locks on a file when any
descriptor of it is closed, and the writer may live in the same process.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .codec import BLOB_LIMIT_BYTES
from .errors import Damaged, RunFileError
from .migrations import APPLICATION_ID, migrate, newest_version, shape, shape_of, version_of

PATIENCE_S = 5.0
"""How long readers and the verdict wait for another process that holds the file."""

_REFUSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a bad file raises into a `RunFileError` that names the file."""
    try:
        yield
    except (Damaged, sqlite3.Error, OverflowError, UnicodeDecodeError, MemoryError) as error:
        raise _explained(path, error) from error


def connect_to_write(path: Path, timeout_s: float) -> sqlite3.Connection:
    """Open the new, empty file of a run that begins."""
    connection = _connect(path, "rw", timeout_s)
    try:
        # WAL: readers never block the writer, and a killed writer leaves a file that opens.
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        # OFF, not NORMAL: what is written survives the death of the process (kill -9) either way,
        # for it lies in the system's cache. NORMAL would also survive a power cut, at the price of
        # an fsync in the training thread every few MB, which waits for whatever the disk is busy
        # with: seconds, while a large checkpoint is being saved. The verdict's process does sync.
        connection.execute("PRAGMA synchronous = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def amending(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing run file to write into it, brought to the newest version.

    Raises:
        RunFileError: If it is missing, not a run file, or cannot be written.
    """
    _require_file(path)
    with reading(path):
        connection = _connect(path, "rw", PATIENCE_S)
        try:
            _check(connection, path)
            migrate(connection)
            yield connection
            settle(connection)
        finally:
            connection.close()


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a run file for reading, as of the newest version.

    An older file is migrated in memory, as it is now: reading never needs leave to write.

    Raises:
        RunFileError: If it is missing, not a run file, damaged, or from a newer chainrule.
    """
    _require_file(path)
    with reading(path):
        connection = _connect(path, "ro", PATIENCE_S)
        try:
            try:
                version = _check(connection, path)
            except sqlite3.OperationalError as error:
                if _code(error) not in _REFUSED:
                    raise
                connection.close()
                connection = _connect_beside_no_writer(path)
                version = _check(connection, path)
            if version < newest_version():
                connection = _in_memory(connection)
                migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def settle(connection: sqlite3.Connection) -> None:
    """Make one plain file of it, without -wal and -shm beside, unless others have it open.

    Such a file opens in a read-only folder, and copying it copies all of it.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):  # a reader looks on: the file stays in WAL, and whole
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()


def log_of(path: Path) -> Path:
    """The write-ahead log beside a run file."""
    return path.with_name(path.name + "-wal")


def has_log(path: Path) -> bool:
    """Whether the log holds anything; an empty one is left by readers."""
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False


def is_busy(error: BaseException) -> bool:
    """Whether another process holds the file, so that trying again later makes sense."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _connect(path: Path, mode: str, timeout_s: float, more: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{more}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,  # every transaction is explicit
        check_same_thread=False,  # the writer has a lock; the reader makes one call at a time
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BLOB_LIMIT_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _connect_beside_no_writer(path: Path) -> sqlite3.Connection:
    """Open a file whose folder is read-only, so that no -wal and -shm can be made beside it."""
    log = log_of(path)
    if not has_log(path):
        return _connect(path, "ro", PATIENCE_S, "&immutable=1")
    # A killed writer left its last pages in the log, which an immutable file would be read without.
    with tempfile.TemporaryDirectory(prefix="chainrule-") as folder:
        copy = Path(folder) / path.name
        try:
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
        except OSError as error:
            raise RunFileError(
                f"The run file {path} cannot be opened where it is ({_reason(error)}) nor copied "
                "to a temporary folder: copy it and its -wal file to a folder you can write in."
            ) from error
        return _in_memory(_connect(copy, "rw", PATIENCE_S))


def _in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        copy.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BLOB_LIMIT_BYTES)
        connection.backup(copy)
    except BaseException:
        copy.close()
        raise
    finally:
        connection.close()
    return copy


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """The version of an open file.

    Raises:
        RunFileError: If it is not a run file, or one that this chainrule cannot read.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version, newest = version_of(connection), newest_version()
    if application != APPLICATION_ID:
        if not application and not version and not shape(connection):
            raise RunFileError(
                f"The run file {path} is empty: its run was stopped before it wrote anything; "
                "delete the file, or wait if the run has only just begun."
            )
        raise RunFileError(
            f"Expected a run file of chainrule, found another program's SQLite database in {path}: "
            "give the path of a file that `chainrule run` wrote."
        )
    if version > newest:
        raise RunFileError(
            f"The run file {path} was written by a newer chainrule (schema {version}; this one "
            f"reads up to {newest}): upgrade chainrule."
        )
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    if not has_log(path) and path.stat().st_size % page_bytes:
        raise Damaged("it is cut off: its size is not a whole number of pages")
    # A damaged or hostile file could name a view or a trigger like one of our tables.
    expected, found = shape_of(version) if version > 0 else {}, shape(connection)
    for name in expected:
        if found.get(name) != expected[name]:
            raise Damaged(f"its table or index `{name}` is missing or not as chainrule makes it")
    if not expected:
        raise Damaged(f"it says it has schema {version}, which never was")
    return version


def _require_file(path: Path) -> None:
    try:
        if path.is_file():
            return
        found = "a folder or device" if path.exists() else "nothing"
    except OSError as error:
        found = f"no way to look ({_reason(error)})"
    except ValueError:
        found = "a path with a NUL in it"
    raise RunFileError(
        f"Expected a run file, found {found} at {path}: check the path; runs are in "
        "./chainrule-runs of the folder in which they were started."
    )


def _code(error: BaseException) -> int:
    """SQLite's primary error code; 0 if the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _explained(path: Path, error: BaseException) -> RunFileError:
    if isinstance(error, Damaged):
        return RunFileError(
            f"The run file {path} is damaged: {error}; restore it from a copy or run again."
        )
    if is_busy(error):
        return RunFileError(
            f"The run file {path} is held by another process ({error}): close whatever writes to "
            "it and try again."
        )
    code = _code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return RunFileError(
            f"Expected a run file, found something that is no SQLite file in {path}: give the path "
            "of a file that `chainrule run` wrote."
        )
    if code in _REFUSED:
        readable = os.access(path, os.R_OK)
        what = "its folder or file is read-only" if readable else "you have no leave to read it"
        return RunFileError(
            f"The run file {path} cannot be opened: {what} ({error}); copy it to a folder you own."
        )
    if isinstance(error, sqlite3.ProgrammingError):
        return RunFileError(f"The run file {path} cannot be read any more: {error}; open it again.")
    return RunFileError(
        f"The run file {path} is damaged or cut off ({error}): restore it from a copy or run again."
    )


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
