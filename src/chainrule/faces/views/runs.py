"""The question `runs`: which runs there are, the newest first."""

from functools import lru_cache
from pathlib import Path

from chainrule.faces.run_list import ListedRun, runs_document
from chainrule.records.json_values import Json
from chainrule.store import RunFileError, RunReader, write_stamp

from .question import Context, Parameters, Question


def runs(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The list of `chainrule runs --format json`, each with the name by which it is asked for."""
    listed = [_listed(path) for path in context.run_files().values()]
    rows = runs_document(listed)
    return {
        "view": "runs",
        "runs": [
            {"name": entry.path.stem, **row}
            for entry, row in zip(listed, rows, strict=True)
            if isinstance(row, dict)
        ],
    }


def _listed(path: Path) -> ListedRun:
    """An entry of the list, read again if the file was written to or its process may have gone."""
    entry = _kept(path, write_stamp(path))
    return _read(path) if entry.run is not None and entry.run.status == "running" else entry


@lru_cache(maxsize=2000)  # more runs than anybody looks through; each costs a millisecond to read
def _kept(path: Path, stamp: tuple[int, ...] | None) -> ListedRun:
    return _read(path)


def _read(path: Path) -> ListedRun:
    try:
        with RunReader(path) as reader:
            findings = reader.findings()
            return ListedRun(path, reader.run(), findings[0] if findings else None)
    except RunFileError as error:
        return ListedRun(path, error=str(error))


QUESTIONS = (Question("runs", runs),)
