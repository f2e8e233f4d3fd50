"""A page is told what is written, while it is written."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import record
from served import HERE, Served, serving, wait_until

from chainrule.faces.server.events import ListingWatch, RunWatch
from chainrule.faces.views.question import Context


def write(folder: Path, name: str, seconds: float) -> "subprocess.Popen[str]":
    """Begin to write a run, and wait until its file is there."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "write_run.py"), str(folder), name, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline().strip() == str(folder / f"{name}.db")
    return process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live") / "chainrule-runs"


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    """A server that is there before the folder is."""
    with serving(folder.parent) as served:
        yield served


def test_two_browsers_follow_one_run_to_its_end(served: Served, folder: Path) -> None:
    start = served.listen("/api/events")
    before = start.next("runs")[1]["runs"]
    writer = write(folder, "live", 60)
    assert start.next("runs")[1] == {"runs": before + 1}
    streams = [served.listen("/api/events?run=live") for _ in range(2)]
    for stream in streams:
        first = stream.next("changed")[1]
        second = stream.next("changed")[1]
        assert first["status"] == second["status"] == "running"
        assert second["steps"] > first["steps"]
        assert second["version"] > first["version"]
    writer.terminate()
    for stream in streams:
        end = stream.until("changed", status="finished")
        assert end["version"] > second["version"]
        stream.close()
    assert writer.wait(20) == 0
    # The reader did not keep the writer from making one plain file of it.
    assert [path.name for path in folder.glob("live*")] == ["live.db"]
    start.close()


def test_a_run_that_is_killed_is_lost(served: Served, folder: Path) -> None:
    writer = write(folder, "killed", 60)
    stream = served.listen("/api/events?run=killed")
    assert stream.next("changed")[1]["status"] == "running"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert stream.until("changed", status="lost")["steps"] >= 0
    stream.close()


def test_a_file_that_vanishes_and_comes_back(served: Served, folder: Path) -> None:
    write(folder, "moved", 0).wait()
    stream = served.listen("/api/events?run=moved")
    version = stream.next("changed")[1]["version"]
    (folder / "moved.db").rename(folder / "elsewhere")
    assert "'moved'" in stream.next("refusal")[1]["error"]["sentence"]
    assert "'moved'" in served.ask("run", run="moved")["error"]["sentence"]
    (folder / "elsewhere").rename(folder / "moved.db")
    assert stream.next("changed")[1]["version"] > version
    (folder / "moved.db").write_bytes(b"")
    assert "is empty" in stream.next("refusal")[1]["error"]["sentence"]
    stream.close()


def test_a_run_of_a_newer_chainrule_is_a_sentence(served: Served, folder: Path) -> None:
    import sqlite3

    write(folder, "newer", 0).wait()
    with sqlite3.connect(folder / "newer.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    stream = served.listen("/api/events?run=newer")
    assert "newer chainrule" in stream.next("refusal")[1]["error"]["sentence"]
    stream.close()
    assert "newer chainrule" in served.ask("run", run="newer")["error"]["sentence"]


def test_a_run_that_is_not_there_yet_is_waited_for(served: Served, folder: Path) -> None:
    stream = served.listen("/api/events?run=later")
    assert stream.next("refusal")[1]["error"]["field"] == "run"
    write(folder, "later", 0).wait()
    assert stream.until("changed", status="finished")
    stream.close()


def test_a_browser_that_has_left_costs_nothing(served: Served) -> None:
    descriptors = Path(f"/proc/{served.process.pid}/fd")
    streams = [served.listen("/api/events?run=live") for _ in range(30)]
    for stream in streams:
        stream.next()
    connected = len(list(descriptors.iterdir()))
    assert connected >= 30
    for stream in streams:
        stream.close()
    wait_until(lambda: len(list(descriptors.iterdir())) <= connected - 29)
    assert served.ask("runs")["view"] == "runs"


def test_the_server_is_small_and_without_torch(served: Served, folder: Path) -> None:
    record(folder.parent).close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    for question in ("run", "slope", "chain", "scans"):
        assert "view" in served.ask(question, run="digits")
    for question in ("formula", "derivation", "graph"):
        assert "view" in served.ask(question, formula="x**2 y", at="x=1,y=2", wrt="x")
    assert served.memory_mb() < 200
    assert "/torch/" not in served.libraries()
    assert "python" in served.libraries()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_zero_while_browsers_watch(tmp_path: Path, number: int) -> None:
    record(tmp_path).close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    with serving(tmp_path) as served:
        streams = [served.listen(f"/api/events{query}") for query in ("", "?run=digits")]
        for stream in streams:
            assert stream.next("shown")[1] == str(tmp_path / "chainrule-runs")
            stream.next("runs", "changed")
        began = time.monotonic()
        assert served.end(number) == 0
        assert time.monotonic() - began < 4.5  # else its patience ran out, which is 5 s
        for stream in streams:
            with pytest.raises(EOFError):
                while True:
                    stream.next()
            stream.close()
        assert served.process.communicate() == ("", "")


def test_what_did_not_change_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path).close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    context = Context(tmp_path / "chainrule-runs")
    run, listing = RunWatch("digits", context), ListingWatch(context)
    first = run.look()
    assert first is not None
    assert (first[0], listing.look()) == ("changed", ("runs", {"runs": 1}))
    monkeypatch.delattr("chainrule.faces.server.events.RunReader")
    for _ in range(3):
        assert run.look() is None
        assert listing.look() is None
    (tmp_path / "chainrule-runs" / "digits.db").unlink()
    assert run.look() is not None
    assert listing.look() == ("runs", {"runs": 0})


def test_a_list_of_growing_runs_is_announced_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = record(tmp_path)
    listing = ListingWatch(Context(tmp_path / "chainrule-runs"))
    assert listing.look() == ("runs", {"runs": 1})
    writer.point("loss", 200, 1.0)
    writer.flush()
    assert listing.look() is None
    monkeypatch.setattr("chainrule.faces.server.events.LISTING_EVERY_S", 0.0)
    assert listing.look() == ("runs", {"runs": 1})
    assert listing.look() is None
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.0)
