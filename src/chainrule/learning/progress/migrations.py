"""The schema of the learner's file, version by version."""

import json
import pkgutil
import sqlite3
from collections.abc import Callable


def _first_schema(connection: sqlite3.Connection) -> None:
    source = pkgutil.get_data(__package__, "schema.sql")
    assert source is not None
    for statement in source.decode("utf-8").split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _slips_apart(connection: sqlite3.Connection) -> None:
    """Slips stood among the mistakes, and had cards, as if they were to be practised."""
    connection.execute("ALTER TABLE answer ADD COLUMN slips TEXT NOT NULL DEFAULT '[]'")
    rows = connection.execute("SELECT id, mistakes FROM answer").fetchall()
    for id, mistakes in rows:
        kept = json.loads(mistakes)
        slips = [each for each in kept if each.startswith("slip-")]
        if slips:
            connection.execute(
                "UPDATE answer SET mistakes = ?, slips = ? WHERE id = ?",
                (json.dumps([e for e in kept if e not in slips]), json.dumps(slips), id),
            )
    connection.execute("DELETE FROM card WHERE mistake LIKE 'slip-%'")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first_schema, _slips_apart)
"""From each version to the next. What is there stays as it is; a change is one more at the end."""

VERSION = len(MIGRATIONS)
"""Of the schema that this chainrule writes."""
