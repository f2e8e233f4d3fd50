"""An older file opens in a newer version: in memory to read, in place to write."""

import sqlite3
from pathlib import Path

import pytest
from run_files import FINDING, fill, finish, read_everything

from chainrule.records import Event
from chainrule.store import migrations, open_run, write_findings
from chainrule.store.outlines import pack_record, unpack_record

# Version 1 of this story had events without a kind of their own; version 2 is today's schema.
OLD_EVENT = "CREATE TABLE event (number INTEGER PRIMARY KEY, outline BLOB NOT NULL)"
NEW_EVENT = migrations.shape_of(1)["event"]


def old_schema(connection: sqlite3.Connection) -> None:
    migrations.first_schema(connection)
    connection.execute("DROP TABLE event")
    connection.execute(OLD_EVENT)


def give_events_a_kind(connection: sqlite3.Connection) -> None:
    rows = connection.execute("SELECT number, outline FROM event").fetchall()
    connection.execute("DROP TABLE event")
    connection.execute(NEW_EVENT)
    for number, outline in rows:
        kind = unpack_record(Event, outline).kind
        connection.execute("INSERT INTO event VALUES (?, ?, ?)", (number, kind, outline))


def to_todays_schema(connection: sqlite3.Connection) -> None:
    give_events_a_kind(connection)
    migrations.sums_of_samples(connection)


@pytest.fixture
def old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of version 1, met by a chainrule whose newest version is 2."""
    from run_files import create

    writer = create(tmp_path)
    fill(writer)
    finish(writer)
    connection = sqlite3.connect(writer.path)
    connection.execute("DROP TABLE event")
    connection.execute("DROP TABLE sample_bucket")
    connection.execute(OLD_EVENT)
    connection.execute("PRAGMA user_version = 1")
    note = Event(3, "note", "seen")
    connection.execute("INSERT INTO event VALUES (0, ?)", (pack_record(note),))
    connection.commit()
    connection.close()
    monkeypatch.setattr(migrations, "_migrations", [old_schema, to_todays_schema])
    return writer.path


def version_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return migrations.version_of(connection)
    finally:
        connection.close()


def test_reading_an_older_file_leaves_it_as_it_is(old_file: Path) -> None:
    before = old_file.read_bytes()
    with open_run(old_file) as reader:
        assert reader.run().schema_version == 2
        assert reader.events("note") == (Event(3, "note", "seen"),)
        assert reader.events("internal-error") == ()
        assert len(reader.series("loss").steps) == 100
        read_everything(reader)
        assert reader.data_version() == reader.data_version()
    assert old_file.read_bytes() == before
    assert [path.name for path in old_file.parent.iterdir()] == ["run.db"]


def test_writing_into_an_older_file_migrates_it(old_file: Path) -> None:
    write_findings(old_file, [FINDING])
    assert version_in(old_file) == 2
    with open_run(old_file) as reader:
        assert reader.findings() == (FINDING,)
        assert reader.events("note") == (Event(3, "note", "seen"),)
        assert len(list(reader.samples())) == 10


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        give_events_a_kind(connection)
        raise sqlite3.OperationalError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_migrations", [old_schema, fail])
        with pytest.raises(Exception, match="the disk is full"):
            write_findings(old_file, [FINDING])
    assert version_in(old_file) == 1
    with open_run(old_file) as reader:
        assert reader.findings() == ()
        assert reader.events("note") == (Event(3, "note", "seen"),)


def test_migrations_are_registered_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "_migrations", [old_schema])
    with pytest.raises(ValueError, match="next migration is 2, not 3"):
        migrations.migration(3)(give_events_a_kind)
    migrations.migration(2)(give_events_a_kind)
    assert migrations.newest_version() == 2


def test_a_new_file_is_of_the_newest_version_and_says_whose_it_is(tmp_path: Path) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(connection)
    assert migrations.version_of(connection) == migrations.newest_version() == 2
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    assert application.to_bytes(4, "big") == b"ChRl"
    connection.close()
