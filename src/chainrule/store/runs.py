"""Finding run files: by path, by name, or the latest of a folder."""

import os
from pathlib import Path

from .connection import has_log, log_of
from .errors import RunFileError
from .reader import RunReader

RUNS_FOLDER = "chainrule-runs"
"""Where runs go unless told otherwise, in the folder in which the script is started."""


def open_run(path: str | os.PathLike[str]) -> RunReader:
    """Open a run to read it.

    Args:
        path: A run file; or the name of a run in ./chainrule-runs; or a folder, for the run in it
            that was written last.

    Raises:
        RunFileError: If there is none, or the file is not a run file, damaged or too new.
    """
    return RunReader(find_run(path))


def run_paths(folder: str | os.PathLike[str]) -> list[Path]:
    """The `.db` files of a folder, the one written last first; none if there is no such folder."""
    try:
        found = [path for path in Path(folder).iterdir() if path.suffix == ".db" and path.is_file()]
    except OSError:
        return []
    return sorted(found, key=lambda path: (_last_written_ns(path), path.name), reverse=True)


def find_run(path: str | os.PathLike[str]) -> Path:
    """The file of a run, as `open_run` finds it, unopened.

    Raises:
        RunFileError: If there is none.
    """
    path = Path(path)
    if os.path.isfile(path):
        return path
    if len(path.parts) == 1:
        named = Path(RUNS_FOLDER) / (path.name if path.suffix == ".db" else f"{path.name}.db")
        if os.path.isfile(named):
            return named
    if os.path.isdir(path):
        paths = run_paths(path)
        if not paths:
            raise RunFileError(
                f"Expected run files in the folder {path.absolute()}, found none: start a run "
                f"with `chainrule run`, or give another folder; runs are in ./{RUNS_FOLDER}."
            )
        return paths[0]
    there = ", ".join(found.stem for found in run_paths(RUNS_FOLDER)[:5]) or "none"
    raise RunFileError(
        f"Expected a run file, a run's name or a folder, found nothing: there is no file "
        f"{str(path)!r}, and no run of that name in ./{RUNS_FOLDER} (latest there: {there}): check "
        "the path."
    )


def _last_written_ns(path: Path) -> int:
    """When the file or its write-ahead log last changed."""
    files = (path, log_of(path)) if has_log(path) else (path,)
    return max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)
