"""The question `runs`: which runs there are, the newest first."""

from chainrule.faces.run_list import ListedRun, runs_document
from chainrule.records.json_values import Json
from chainrule.store import RunFileError, RunReader

from .question import Context, Parameters, Question


def runs(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The list of `chainrule runs --format json`, each with the name by which it is asked for."""
    listed = []
    for path in context.run_files().values():
        try:
            with RunReader(path) as reader:
                findings = reader.findings()
                listed.append(ListedRun(path, reader.run(), findings[0] if findings else None))
        except RunFileError as error:
            listed.append(ListedRun(path, error=str(error)))
    rows = runs_document(listed)
    return {
        "view": "runs",
        "runs": [
            {"name": entry.path.stem, **row}
            for entry, row in zip(listed, rows, strict=True)
            if isinstance(row, dict)
        ],
    }


QUESTIONS = (Question("runs", runs),)
