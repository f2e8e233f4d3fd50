"""A file name for a run that begins, taken so that no two processes get the same."""

import os
from pathlib import Path

from .errors import RunFileError


def can_name_a_file(name: str) -> bool:
    """True if a run can have this name: it is that of its file, without the folder."""
    return bool(name) and name[0] != "." and all(c.isprintable() and c not in "/\\" for c in name)


def claim_path(folder: Path, name: str) -> Path:
    """Make the empty file `<name>.db`, or `<name>-2.db`, `<name>-3.db`, ... if that is taken.

    Returns:
        Its absolute path: the script may change its working folder later.

    Raises:
        RunFileError: If the folder or the file cannot be made.
    """
    if not name or "\0" in name or Path(name).name != name:
        raise RunFileError(
            f"Expected the name of a run, found {name!r}: give a name without slashes; the folder "
            "is a setting of its own."
        )
    try:
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise RunFileError(
            f"The folder {folder} for the run file cannot be made ({_reason(error)}): choose "
            "another one, or make it yourself."
        ) from error
    number = 1
    while True:
        path = folder / (f"{name}.db" if number == 1 else f"{name}-{number}.db")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
            return path
        except FileExistsError:
            number += 1
        except OSError as error:
            raise RunFileError(
                f"The run file {path} cannot be made ({_reason(error)}): choose a folder that you "
                "can write in and that has space."
            ) from error


def discard(path: Path) -> None:
    """Remove a file that was claimed and could not be written."""
    for suffix in ("", "-wal", "-shm"):
        try:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError:
            continue  # it is empty and harmless


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
