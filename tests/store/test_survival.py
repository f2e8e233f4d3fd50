"""The run file is read while it is written, and survives kills, forks and interrupts."""

import gc
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from run_files import a_sample, create, fill, finish, read_everything

from chainrule.store import RunFileError, RunReader, RunWriter, open_run, write_findings

# Each flush: five points, a sample and an event; its number is printed once it is done.
WRITING = """
import os, sys
from pathlib import Path
from run_files import a_sample, create
from chainrule.records import Event

writer = create(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    for step in range(5 * number, 5 * number + 5):
        writer.point("loss", step, step / 3)
    writer.sample(a_sample(5 * number, nodes=40))
    writer.event(Event(number, "note", "flush"))
    writer.totals(steps=5 * number + 5, backward_passes=0, sampled_steps=0, observed_s=0,
                  training_s=0)
    writer.flush()
    os.write(1, b"%d\\n" % number)
writer.close(status="finished", exit_code=0, exception=None, ended_at=0.0)
"""


def whole_flushes(reader: RunReader) -> int:
    """How many flushes are in the file, each of them whole."""
    count = len(reader.events())
    series = reader.series("loss")
    assert series.steps == tuple(range(len(series.steps)))
    assert series.values == tuple(step / 3 for step in series.steps)
    assert len(series.steps) % 5 == 0
    samples = list(reader.samples())
    assert samples == [a_sample(5 * number, nodes=40) for number in range(len(samples))]
    events = [event.step for event in reader.events()]
    assert events == list(range(len(events)))
    # Each of these was read at its own moment, and the file only grows.
    assert count <= len(series.steps) // 5 <= len(samples) <= len(events)
    for level in (1, 2, 3):
        assert sum(bucket.count for bucket in reader.pyramid("loss", level)) >= 5 * len(samples)
    return count


def test_a_reader_sees_the_file_grow_while_another_process_writes(tmp_path: Path, start_python):
    process = start_python(WRITING, tmp_path, 400)
    process.stdout.readline()
    seen, versions, statuses = [], set(), []
    with open_run(tmp_path) as reader:
        while process.poll() is None:
            versions.add(reader.data_version())
            statuses.append(reader.run().status)
            seen.append(whole_flushes(reader))
            process.stdout.readline()
        assert whole_flushes(reader) == 400
        assert reader.run().status == "finished"
    assert seen == sorted(seen)
    assert len(set(seen)) > 5 and len(versions) > 5
    assert set(statuses) <= {"running", "finished"} and statuses[0] == "running"


def test_the_data_version_changes_with_a_flush_and_only_then(tmp_path: Path):
    writer = create(tmp_path)
    with open_run(writer.path) as reader:
        before = reader.data_version()
        writer.point("loss", 0, 1.0)
        assert reader.data_version() == before
        writer.flush()
        assert reader.data_version() != before
        finish(writer)
        assert reader.run().status == "finished"


@pytest.mark.parametrize("seed", range(20))
def test_a_killed_run_loses_no_more_than_its_last_flush(tmp_path: Path, start_python, seed: int):
    chance = random.Random(seed)
    process = start_python(WRITING, tmp_path, 100_000)
    for _ in range(chance.randrange(1, 60)):
        process.stdout.readline()
    time.sleep(chance.random() * 0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    acknowledged = [line for line in process.stdout.read().splitlines() if line]
    with open_run(tmp_path / "run.db") as reader:
        run = reader.run()
        flushes = whole_flushes(reader)
        if acknowledged:
            assert flushes - 1 in (int(acknowledged[-1]), int(acknowledged[-1]) + 1)
        assert flushes >= 1
        assert (run.status, run.ended_at, run.steps) == ("lost", None, 5 * flushes)
    write_findings(tmp_path / "run.db", [])
    assert [path.name for path in tmp_path.iterdir()] == ["run.db"]


def test_writers_of_one_name_at_once_get_a_file_each(tmp_path: Path, start_python):
    script = """
import sys
from pathlib import Path
from run_files import create, finish
for _ in range(15):
    writer = create(Path(sys.argv[1]), "mnist")
    writer.point("loss", 0, 1.0)
    finish(writer)
    print(writer.name)
"""
    processes = [start_python(script, tmp_path / "runs") for _ in range(3)]
    names = [name for process in processes for name in process.communicate()[0].split()]
    expected = ["mnist", *(f"mnist-{number}" for number in range(2, 46))]
    assert sorted(names) == sorted(expected)
    for name in names:
        with open_run(tmp_path / "runs" / f"{name}.db") as reader:
            assert reader.run().name == name
            assert reader.series("loss").values == (1.0,)


def test_a_forked_child_leaves_the_file_alone(tmp_path: Path, in_fork):
    writer = create(tmp_path)
    fill(writer)
    writer.flush()
    with open_run(writer.path) as reader:
        before = repr(read_everything(reader)[1:-1])

    def child() -> None:
        fill(writer, steps=300)
        writer.flush()
        assert not writer.flush_if_due(1e9)
        writer.close(status="failed", exit_code=1, exception="child", ended_at=0.0)
        assert not writer.failed

    in_fork(child)
    with open_run(writer.path) as reader:
        assert repr(read_everything(reader)[1:-1]) == before
        assert reader.run().status == "running"
    writer.point("loss", 100, 0.5)
    finish(writer)
    with open_run(writer.path) as reader:
        assert reader.series("loss").steps == tuple(range(101))


def test_a_forked_child_may_end_as_pythons_do(tmp_path: Path, start_python):
    script = """
import os, sys
from pathlib import Path
from run_files import create, fill, finish
writer = create(Path(sys.argv[1]))
fill(writer)
writer.flush()
log = Path(str(writer.path) + "-wal")
child = os.fork()
if child == 0:
    writer.point("loss", 7, 7.0)
    writer.flush()
    del writer
    sys.exit(0)  # with all of the interpreter's cleaning up
assert os.waitpid(child, 0)[1] == 0
assert log.stat().st_size
for step in range(100, 150):
    writer.point("loss", step, 1.0)
    writer.flush()
finish(writer)
print("done")
"""
    process = start_python(script, tmp_path)
    assert process.communicate()[0] == "done\n"
    with open_run(tmp_path) as reader:
        assert reader.series("loss").steps == tuple(range(150))


def test_a_file_held_by_another_process_is_written_later(tmp_path: Path):
    writer = create(tmp_path)
    fill(writer)
    holder = sqlite3.connect(writer.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    writer.flush()
    assert not writer.failed
    with open_run(writer.path) as reader:
        assert reader.series_names() == ()
    holder.execute("COMMIT")
    holder.close()
    writer.flush()
    with open_run(writer.path) as reader:
        assert len(reader.series("loss").steps) == 100
    finish(writer)


def test_a_file_held_for_good_ends_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chainrule.store.writer._PUT_OFFS", 2)
    writer = create(tmp_path)
    fill(writer)
    holder = sqlite3.connect(writer.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    writer.flush()
    writer.flush()
    with pytest.raises(RunFileError, match="locked"):
        writer.flush()
    writer.flush()
    assert writer.failed
    holder.close()


def test_the_script_may_change_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    writer = create(Path("chainrule-runs"), "mnist")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    fill(writer)
    finish(writer)
    monkeypatch.chdir(tmp_path)
    with open_run("mnist") as reader:
        assert len(reader.series("loss").steps) == 100
        assert writer.path == tmp_path / "chainrule-runs" / "mnist.db"


def test_a_writer_forgotten_leaves_a_file_that_opens(tmp_path: Path):
    writer: RunWriter | None = create(tmp_path)
    writer.point("loss", 0, 1.0)
    writer.flush()
    connection = writer._connection
    writer = None
    gc.collect()
    connection.close()
    with open_run(tmp_path) as reader:
        assert reader.series("loss").values == (1.0,)
