"""`chainrule runs`: which runs there are."""

from pathlib import Path
from typing import Annotated

import typer

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed
from .formats import ListFormat


def command(
    folder: Annotated[Path, typer.Argument(help="Folder with run files.")] = Path(DEFAULT_FOLDER),
    format: Annotated[ListFormat, typer.Option(help="Of the list.")] = ListFormat.text,
) -> None:
    """List runs, the newest first."""
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout
    from chainrule.faces.run_list import ListedRun, runs_document, write_runs
    from chainrule.store import RunFileError, open_run, run_paths

    if folder.exists() and not folder.is_dir():
        raise CommandFailed(f"{folder} is a file; to see its verdict: chainrule diagnose {folder}")
    listed = []
    for path in run_paths(folder):
        try:
            with open_run(path) as reader:
                findings = reader.findings()
                listed.append(ListedRun(path, reader.run(), findings[0] if findings else None))
        except RunFileError as error:
            listed.append(ListedRun(path, error=str(error)))
    page = page_for_stdout()
    if format is ListFormat.json:
        page.verbatim(to_json(runs_document(listed)) + "\n")
    else:
        write_runs(page, listed, folder)
