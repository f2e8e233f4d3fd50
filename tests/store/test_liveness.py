"""A run without its closing row whose process is gone is lost, never running."""

import os
import time
from pathlib import Path

import pytest
from run_files import create, finish

from chainrule.store import open_run


def test_a_run_closed_by_nobody_is_lost_and_never_running(tmp_path: Path, start_python):
    process = start_python(
        """
import os, sys
from pathlib import Path
from run_files import create, fill
writer = create(Path(sys.argv[1]))
fill(writer)
writer.flush()
os._exit(0)
""",
        tmp_path,
    )
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with open_run(tmp_path) as reader:
        # Not yet reaped by us, its parent: the pid still exists.
        assert reader.run().status == "lost"
        process.wait()
        assert reader.run().status == "lost"


def test_a_pid_used_again_deceives_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chainrule.store.writer.process_start", lambda pid: "12")
    writer = create(tmp_path, pid=os.getpid())
    with open_run(writer.path) as reader:
        assert reader.run().status == "lost"
    finish(writer)


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1, 10**30])
def test_a_pid_that_cannot_be_is_lost(tmp_path: Path, pid: int):
    writer = create(tmp_path, pid=pid)
    with open_run(writer.path) as reader:
        assert reader.run().status == "lost"
    finish(writer)


def test_from_another_machine_a_run_is_running_while_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    writer = create(tmp_path)
    writer.point("loss", 0, 1.0)
    writer.flush()
    monkeypatch.setattr("chainrule.store.reader.machine", lambda: "elsewhere")
    with open_run(writer.path) as reader:
        assert reader.run().status == "running"
        later = time.time() + 61
        monkeypatch.setattr("chainrule.store.reader.time.time", lambda: later)
        assert reader.run().status == "lost"
    finish(writer)
