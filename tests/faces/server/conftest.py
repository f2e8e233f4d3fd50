"""One server for the tests of a module that only ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import record
from served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server in a folder with the run `digits`, which has ended, and two files that are none."""
    folder: Path = tmp_path_factory.mktemp("served")
    record(folder).close(status="finished", exit_code=0, exception=None, ended_at=1760000004.0)
    (folder / "chainrule-runs" / "empty.db").touch()
    (folder / "chainrule-runs" / "notes.db").write_text("these are notes and no run file" * 100)
    (folder / "secret.txt").write_text("secret")
    with serving(folder) as served:
        yield served
