"""Writing the verdict into a run file, after the run, by a process of its own."""

import os
from collections.abc import Sequence
from pathlib import Path

from chainrule.records import Finding

from .connection import amending
from .outlines import pack_record
from .tables import put_records


def write_findings(path: str | os.PathLike[str], findings: Sequence[Finding]) -> None:
    """Write a verdict into a run file, in place of an earlier one.

    Raises:
        RunFileError: If the file is missing, not a run file, or cannot be written.
    """
    rows = [("finding", number, pack_record(finding)) for number, finding in enumerate(findings)]
    with amending(Path(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM record WHERE kind = 'finding'")
        put_records(connection, rows)
        connection.execute("COMMIT")
