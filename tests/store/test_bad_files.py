"""A file that cannot be made, written or read gives one clear sentence, and never anything else."""

import os
import resource
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_files import a_sample, create, fill, finish, finished_run, read_everything

from chainrule.store import RunFileError, open_run, run_paths, write_findings

TABLES = ("record", "event", "series", "chunk", "bucket", "sample", "backward_pass")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("template"), steps=300)


def assert_refused(path: Path, *words: str) -> None:
    """Both to read and to amend."""
    for use in (open_run, lambda where: write_findings(where, [])):
        with pytest.raises(RunFileError) as caught:
            use(path)
        for word in (*words, str(path)):
            assert word in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert_refused(tmp_path / "no.db", "found nothing", "check the path")


def test_a_name_that_is_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finished_run(tmp_path / "chainrule-runs", "mnist")
    with pytest.raises(RunFileError, match=r"no file 'minst', and .*latest there: mnist\)"):
        open_run("minst")
    with pytest.raises(RunFileError, match="found none"):
        open_run(tmp_path)
    with pytest.raises(RunFileError):
        open_run("a\0b")


def test_a_file_that_is_not_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary\n" * 1000)
    assert_refused(path, "no SQLite file", "chainrule run")


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    path.touch()
    assert_refused(path, "is empty", "before it wrote anything")


def test_sqlite_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photo (name)")
    other.close()
    assert_refused(path, "another program's SQLite database", "chainrule run")


def test_a_folder_is_no_run_to_write_findings_into(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="found a folder"):
        write_findings(tmp_path, [])


def test_a_newer_file(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    path.write_bytes(template.read_bytes())
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 7")
    newer.close()
    assert_refused(
        path,
        "was written by a newer chainrule (schema 7; this one reads up to 2): upgrade chainrule",
    )


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.5, 0.95])
def test_a_truncated_file(template: Path, tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.db"
    whole = template.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert_refused(path)


@pytest.mark.parametrize(
    "hostile",
    [
        "DROP TABLE series; CREATE VIEW series AS WITH RECURSIVE n(number, name) AS "
        "(SELECT 1, 'x' UNION ALL SELECT number + 1, 'x' FROM n) SELECT * FROM n",
        "DROP TABLE record",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -3",
    ],
)
def test_a_schema_that_is_not_ours(template: Path, tmp_path: Path, hostile: str) -> None:
    path = tmp_path / "run.db"
    path.write_bytes(template.read_bytes())
    connection = sqlite3.connect(path)
    connection.executescript(hostile)
    connection.close()
    assert_refused(path, "damaged")


def read_or_refuse(path: Path) -> None:
    try:
        with open_run(path) as reader:
            read_everything(reader)
    except RunFileError as error:
        assert str(path) in str(error)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_bytes_anywhere_raise_nothing_else(template: Path, data: st.DataObject) -> None:
    content = bytearray(template.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, len(content) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=40))
        content[start : start + len(junk)] = junk
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        path.write_bytes(content)
        read_or_refuse(path)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_random_values_in_the_tables_raise_nothing_else(
    template: Path, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        path.write_bytes(template.read_bytes())
        connection = sqlite3.connect(path)
        table = data.draw(st.sampled_from(TABLES))
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = data.draw(st.sampled_from(columns))
        values = st.binary() | st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats()
        zipped = st.binary() | st.sampled_from([b"{}", b"[]", b"1", b'{"step":"1"}', b"[[1,2]]"])
        numbers = st.builds(
            lambda kind, items: kind + items, st.sampled_from([*_types]), st.binary()
        )
        value = data.draw(values | zipped.map(zlib.compress) | numbers)
        # Where the schema itself forbids the value, the file stays as it was.
        with suppress(sqlite3.IntegrityError, UnicodeEncodeError):
            connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ?", (value,))
        connection.commit()
        connection.close()
        read_or_refuse(path)


_types = (b"b", b"h", b"i", b"q", b"f", b"d")


def test_a_sample_cut_in_two_is_named_as_damage(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    path.write_bytes(template.read_bytes())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE sample SET weight_norms = substr(weight_norms, 1, 5)")
    connection.commit()
    connection.close()
    with open_run(path) as reader, pytest.raises(RunFileError, match=r"run\.db is damaged: 1 num"):
        reader.last_sample()


def test_reading_after_closing(template: Path) -> None:
    reader = open_run(template)
    reader.close()
    reader.close()
    with pytest.raises(RunFileError, match="open it again"):
        reader.run()


@pytest.mark.parametrize("name", ["", "a/b", "..", "../x", "a\0b", "x" * 300])
def test_a_name_that_cannot_be_a_file(tmp_path: Path, name: str) -> None:
    if name == "..":
        name = "../.."
    with pytest.raises(RunFileError):
        create(tmp_path / "runs", name)
    assert not list(tmp_path.glob("**/*.db"))


def test_a_folder_under_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "runs", Path("/proc/chainrule")):
        with pytest.raises(RunFileError, match=f"folder {folder} .* cannot be made .*: choose"):
            create(folder)


def test_a_read_only_folder_cannot_be_written(open_folder: Path, in_fork: Callable) -> None:
    open_folder.chmod(0o555)

    def child() -> None:
        with pytest.raises(RunFileError, match=r"run\.db cannot be made \(Permission denied\)"):
            create(open_folder)

    in_fork(child, as_nobody=True)


def test_a_finished_run_opens_in_a_read_only_folder(open_folder: Path, in_fork: Callable) -> None:
    path = finished_run(open_folder)
    with open_run(path) as reader:
        expected = repr(read_everything(reader))
    wal = sqlite3.connect(path)
    wal.execute("PRAGMA journal_mode = WAL")  # as it stays if a reader looks on at the end
    wal.close()
    open_folder.chmod(0o555)

    def child() -> None:
        with open_run(path) as reader:
            assert repr(read_everything(reader))[:-2] == expected[:-2]
        with pytest.raises(RunFileError, match="read-only"):
            write_findings(path, [])

    in_fork(child, as_nobody=True)
    assert [found.name for found in open_folder.iterdir()] == ["run.db"]


def test_a_killed_run_opens_in_a_read_only_folder(
    open_folder: Path, in_fork: Callable, start_python: Callable
) -> None:
    process = start_python(
        "import os, sys; from pathlib import Path; from run_files import create, fill\n"
        "writer = create(Path(sys.argv[1])); fill(writer); writer.flush(); os._exit(0)",
        open_folder,
    )
    process.wait()
    (open_folder / "run.db-shm").unlink()
    open_folder.chmod(0o555)

    def child() -> None:
        with open_run(open_folder) as reader:
            assert len(reader.series("loss").steps) == 100
            assert reader.run().status == "lost"

    in_fork(child, as_nobody=True)


def test_a_file_one_may_not_read(open_folder: Path, in_fork: Callable) -> None:
    path = finished_run(open_folder)
    path.chmod(0o000)

    def child() -> None:
        with pytest.raises(RunFileError, match="no leave to read it"):
            open_run(path)

    in_fork(child, as_nobody=True)


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_space_at_the_beginning_leaves_nothing_behind(tmp_path: Path, in_fork: Callable) -> None:
    for size in (0, 5000, 30_000):

        def child(size: int = size) -> None:
            limit_files(size)
            with pytest.raises(RunFileError, match=r"run\.db cannot be written .*free some space"):
                create(tmp_path)

        in_fork(child)
        assert list(tmp_path.iterdir()) == []


def test_no_space_during_the_run_ends_the_recording_once(tmp_path: Path, in_fork: Callable) -> None:
    def child() -> None:
        limit_files(300_000)
        writer = create(tmp_path)
        flushes = 0
        with pytest.raises(RunFileError, match="cannot be written any more"):
            while True:
                for step in range(100 * flushes, 100 * flushes + 100):
                    writer.point("loss", step, 0.1 * step)
                writer.sample(a_sample(flushes, nodes=500))
                writer.flush()
                flushes += 1
        assert writer.failed
        assert flushes > 2
        (tmp_path / "flushes").write_text(str(flushes))
        fill(writer)
        writer.flush()
        assert not writer.flush_if_due(1e9)
        finish(writer)
        held = (writer._points, writer._samples, writer._events, writer._records, writer._tails)
        assert not any(held)

    in_fork(child)
    flushes = int((tmp_path / "flushes").read_text())
    with open_run(tmp_path / "run.db") as reader:
        assert reader.run().status == "lost"
        assert len(reader.series("loss").steps) == 100 * flushes
        assert len(list(reader.samples())) == flushes


def test_a_value_that_cannot_be_stored_ends_the_recording_once(tmp_path: Path) -> None:
    writer = create(tmp_path)
    writer.point("loss", 0, 1.0)
    writer.flush()
    writer.point("loss", 2**70, 1.0)
    with pytest.raises(RunFileError):
        writer.flush()
    writer.flush()
    assert writer.failed
    with open_run(writer.path) as reader:
        assert reader.series("loss").values == (1.0,)


def test_runs_of_a_folder_come_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_paths(tmp_path / "none") == []
    monkeypatch.chdir(tmp_path)
    folder = Path("chainrule-runs")
    for age, name in enumerate(["new", "older", "oldest"]):
        finished_run(folder, name)
        os.utime(folder / f"{name}.db", (1e9 - age, 1e9 - age))
    (folder / "notes.txt").touch()
    assert [path.stem for path in run_paths(folder)] == ["new", "older", "oldest"]
    for given_path, name in ((folder, "new"), ("older", "older"), ("oldest.db", "oldest")):
        with open_run(given_path) as reader:
            assert reader.run().name == name


def test_reading_needs_no_torch(start_python: Callable, template: Path) -> None:
    script = """
import sys
from chainrule.store import open_run
from run_files import read_everything
with open_run(sys.argv[1]) as reader:
    read_everything(reader)
print([name for name in ("torch", "numpy", "sympy") if name in sys.modules])
"""
    assert start_python(script, template).communicate()[0] == "[]\n"
