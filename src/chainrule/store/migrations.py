"""The versions of the schema, in order: each migration turns version n - 1 into version n.

A new file runs them all, an older file those it lacks, each in one transaction with the
`user_version` that says it was applied. To change the schema, append a function here; what is
above it stays as it is.
"""

import pkgutil
import sqlite3
from collections.abc import Callable, Iterator

from .errors import RunFileError

APPLICATION_ID = 0x43_68_52_6C
"""`ChRl`, in the header of every run file (PRAGMA application_id)."""

Migration = Callable[[sqlite3.Connection], None]

_migrations: list[Migration] = []


def migration(version: int) -> Callable[[Migration], Migration]:
    """Register the migration to `version`; each version has exactly one, in order."""

    def register(function: Migration) -> Migration:
        if version != len(_migrations) + 1:
            raise ValueError(f"the next migration is {len(_migrations) + 1}, not {version}")
        _migrations.append(function)
        return function

    return register


@migration(1)
def first_schema(connection: sqlite3.Connection) -> None:
    """Make the tables."""
    source = pkgutil.get_data(__package__, "schema.sql")
    if source is None:
        raise RunFileError("chainrule's schema.sql is missing from its installation: reinstall it")
    for statement in _statements(source.decode("utf-8")):
        connection.execute(statement)


@migration(2)
def sums_of_samples(connection: sqlite3.Connection) -> None:
    """Make the table of summed-up samples; those of an older file are summed up when it is read."""
    connection.execute(
        """CREATE TABLE sample_bucket (
  optimizer INTEGER NOT NULL,
  level INTEGER NOT NULL,     -- a bucket sums up 32^level samples of its optimizer; full ones only
  quantity INTEGER NOT NULL,  -- 0 gradient norm, 1 weight norm, 2 update norm, 3 update ratio
  number INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  last_sample INTEGER NOT NULL,  -- number of the last sample in it
  samples INTEGER NOT NULL,
  parameters BLOB NOT NULL,  -- index of each parameter; the next five have one item each
  counts BLOB NOT NULL,      -- finite values
  nonfinite BLOB NOT NULL,   -- NaN and infinite values
  minima BLOB NOT NULL,      -- of the finite values; the infinity where there is none
  maxima BLOB NOT NULL,
  means BLOB NOT NULL,
  PRIMARY KEY (optimizer, level, quantity, number)
)"""
    )


def newest_version() -> int:
    """The version that this chainrule writes, and the newest that it reads."""
    return len(_migrations)


def version_of(connection: sqlite3.Connection) -> int:
    """The version of an open file; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, upto: int | None = None) -> None:
    """Bring an open file to the newest version, or to `upto`.

    Args:
        connection: With `isolation_level=None`: the transactions here are explicit.
        upto: Where to stop.
    """
    for version in range(version_of(connection) + 1, (upto or newest_version()) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) < version:  # else another process was quicker
                _migrations[version - 1](connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise


def shape(connection: sqlite3.Connection) -> dict[str, str]:
    """The tables, indices, views and triggers of an open file, each with the SQL that made it."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {str(name): str(sql) for name, sql in rows.fetchall()}


def shape_of(version: int) -> dict[str, str]:
    """What `shape` says of a file of ours of that version."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, upto=version)
        return shape(connection)
    finally:
        connection.close()


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction that the migration runs in
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
