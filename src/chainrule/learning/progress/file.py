"""The learner's file: answers, cards, lessons that were done, walls that were found."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chainrule.records import Exercise, Grade
from chainrule.records.json_values import Json
from chainrule.records.message import Message

from .migrations import MIGRATIONS, VERSION
from .schedule import Due, Rating, due_of, rating_of, reviewed

APPLICATION_ID = 0x43_68_50_67
"""`ChPg`, in the header of every progress file (PRAGMA application_id)."""

PATIENCE_S = 5.0
"""How long one page waits for another that writes."""


class ProgressError(Exception):
    """The file cannot be used; the message is for the learner as it is.

    Args:
        reason: The message; it can be translated.
    """

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One answer as it was kept.

    Attributes:
        at: When, UTC.
        exercise: Its id.
        skill: Id of its skill.
        answer: As typed.
        correct: Whether it was right.
        hints: How many were shown before.
        mistakes: Ids of the mistakes that explain it.
        slips: Ids of the slips that do: what differs, where nothing was misunderstood.
    """

    at: datetime
    exercise: str
    skill: str
    answer: str
    correct: bool
    hints: int
    mistakes: tuple[str, ...]
    slips: tuple[str, ...] = ()


class Progress:
    """A learner's file; every call opens it, so that two pages at once keep all answers.

    Args:
        path: Of the file; it is made, readable by its owner alone, when the first thing is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(
        self,
        exercise: Exercise,
        answer: str,
        grade: Grade,
        *,
        hints: int = 0,
        tries: int = 1,
        at: datetime | None = None,
    ) -> None:
        """Keep an answer, and repeat its cards by it.

        Args:
            exercise: What was asked.
            answer: As typed.
            grade: What it was found to be.
            hints: How many were shown before it.
            tries: Which answer to this exercise it is, from 1.
            at: When; now without it.

        Raises:
            ProgressError: If the file cannot be written; a sentence.
        """
        when = at or datetime.now(UTC)
        mistakes, slips = _explaining(grade)
        rating = rating_of(grade.correct, hints, tries)
        with self._open(write=True) as connection:
            connection.execute(
                "INSERT INTO answer (at, exercise, skill, answer, correct, hints, mistakes, slips)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    when.isoformat(),
                    exercise.id,
                    exercise.skill,
                    answer,
                    grade.correct,
                    hints,
                    json.dumps(mistakes),
                    json.dumps(slips),
                ),
            )
            made = {"", *mistakes}
            if grade.correct:  # who answers rightly has not made the mistakes of this skill again
                made |= {
                    mistake
                    for (mistake,) in connection.execute(
                        "SELECT mistake FROM card WHERE skill = ?", (exercise.skill,)
                    )
                }
            for mistake in sorted(made):
                self._review(connection, exercise.skill, mistake, rating, when)

    def settle(
        self, exercise: Exercise, answer: str, grade: Grade, at: datetime | None = None
    ) -> None:
        """Keep which mistake or slip an answer was made by, once a question back has settled it.

        Args:
            exercise: What was asked.
            answer: As typed; it was kept when it was graded first.
            grade: After the reply.
            at: When; now without it.

        Raises:
            ProgressError: If the file cannot be written; a sentence.
        """
        mistakes, slips = _explaining(grade)
        if not mistakes and not slips:
            return
        when = at or datetime.now(UTC)
        with self._open(write=True) as connection:
            connection.execute(
                "UPDATE answer SET mistakes = ?, slips = ? WHERE id ="
                " (SELECT max(id) FROM answer WHERE exercise = ? AND answer = ?)",
                (json.dumps(mistakes), json.dumps(slips), exercise.id, answer),
            )
            for mistake in sorted({*mistakes}):
                self._review(connection, exercise.skill, mistake, Rating.again, when)

    def _review(
        self,
        connection: sqlite3.Connection,
        skill: str,
        mistake: str,
        rating: Rating,
        when: datetime,
    ) -> None:
        row = connection.execute(
            "SELECT state FROM card WHERE skill = ? AND mistake = ?", (skill, mistake)
        ).fetchone()
        connection.execute(
            "INSERT OR REPLACE INTO card (skill, mistake, state) VALUES (?, ?, ?)",
            (skill, mistake, reviewed(row[0] if row else None, rating, when)),
        )

    def finish_lesson(self, lesson: str, at: datetime | None = None) -> None:
        """Keep that a lesson was done.

        Raises:
            ProgressError: If the file cannot be written; a sentence.
        """
        with self._open(write=True) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO lesson (id, done_at) VALUES (?, ?)",
                (lesson, (at or datetime.now(UTC)).isoformat()),
            )

    def keep_wall(
        self, skill: str | None, sure: float, questions: int, at: datetime | None = None
    ) -> None:
        """Keep what the wall finder found.

        Raises:
            ProgressError: If the file cannot be written; a sentence.
        """
        with self._open(write=True) as connection:
            connection.execute(
                "INSERT INTO wall (at, skill, sure, questions) VALUES (?, ?, ?, ?)",
                ((at or datetime.now(UTC)).isoformat(), skill, sure, questions),
            )

    def answers(self) -> tuple[Kept, ...]:
        """All answers, the oldest first.

        Raises:
            ProgressError: If the file cannot be read; a sentence.
        """
        rows = self._rows(
            "SELECT at, exercise, skill, answer, correct, hints, mistakes, slips FROM answer"
            " ORDER BY id"
        )
        with self._readable():
            return tuple(
                Kept(
                    at=datetime.fromisoformat(at),
                    exercise=exercise,
                    skill=skill,
                    answer=answer,
                    correct=bool(correct),
                    hints=hints,
                    mistakes=tuple(json.loads(mistakes)),
                    slips=tuple(json.loads(slips)),
                )
                for at, exercise, skill, answer, correct, hints, mistakes, slips in rows
            )

    def cards(self) -> tuple[Due, ...]:
        """When each skill, and each mistake that was made, is to be repeated.

        Raises:
            ProgressError: If the file cannot be read; a sentence.
        """
        rows = self._rows("SELECT skill, mistake, state FROM card ORDER BY skill, mistake")
        with self._readable():
            return tuple(
                Due(skill=skill, mistake=mistake, when=due_of(state))
                for skill, mistake, state in rows
            )

    def lessons(self) -> tuple[str, ...]:
        """Ids of the lessons that were done.

        Raises:
            ProgressError: If the file cannot be read; a sentence.
        """
        return tuple(str(id) for (id,) in self._rows("SELECT id FROM lesson ORDER BY done_at"))

    def wall(self) -> tuple[str | None, float, int] | None:
        """The skill, the certainty and the number of questions of the last wall that was found.

        Raises:
            ProgressError: If the file cannot be read; a sentence.
        """
        rows = self._rows("SELECT skill, sure, questions FROM wall ORDER BY id DESC LIMIT 1")
        return rows[0] if rows else None

    def export(self) -> dict[str, Json]:
        """Everything that is in the file, as JSON.

        Raises:
            ProgressError: If the file cannot be read; a sentence.
        """
        return {
            "version": VERSION,
            "answers": [
                {
                    "at": each.at.isoformat(),
                    "exercise": each.exercise,
                    "skill": each.skill,
                    "answer": each.answer,
                    "correct": each.correct,
                    "hints": each.hints,
                    "mistakes": list(each.mistakes),
                    "slips": list(each.slips),
                }
                for each in self.answers()
            ],
            "cards": [
                {"skill": skill, "mistake": mistake, "state": json.loads(state)}
                for skill, mistake, state in self._rows(
                    "SELECT skill, mistake, state FROM card ORDER BY skill, mistake"
                )
            ],
            "lessons": [
                {"lesson": id, "done_at": at}
                for id, at in self._rows("SELECT id, done_at FROM lesson ORDER BY done_at")
            ],
            "walls": [
                {"at": at, "skill": skill, "sure": sure, "questions": questions}
                for at, skill, sure, questions in self._rows(
                    "SELECT at, skill, sure, questions FROM wall ORDER BY id"
                )
            ],
        }

    def erase(self) -> None:
        """Delete the file.

        Raises:
            ProgressError: If it cannot be deleted; a sentence.
        """
        if self.path.exists():  # never delete what is not ours, whatever path was given
            with self._open(write=False):
                pass
        try:
            for suffix in ("-journal", "-wal", "-shm", ""):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise ProgressError(
                Message(
                    "Expected to delete {file}, but {reason}: delete it by hand.",
                    file=self.path,
                    reason=_reason(error),
                )
            ) from error

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with self._open(write=False) as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError, KeyError) as error:
            raise ProgressError(self._broken()) from error

    def _broken(self) -> Message:
        return Message(
            "Expected a progress file of chainrule, but {file} is damaged or something else: move "
            "it away, or name another with --progress; what is practised now is not kept.",
            file=self.path,
        )

    @contextmanager
    def _open(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        """The file, in one transaction; at its newest version."""
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if not self.path.exists():
                    os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            mode = "rw" if write else "ro"
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=PATIENCE_S,
                isolation_level=None,
            )
        except (OSError, sqlite3.Error) as error:
            raise ProgressError(self._unusable(error)) from error
        try:
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            if not write and self._is_older(connection):
                # who only reads writes nothing, and may have no right to
                copy = sqlite3.connect(":memory:", isolation_level=None)
                connection.backup(copy)
                connection.close()
                connection = copy
                connection.execute("BEGIN")
            self._migrate(connection)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise ProgressError(self._unusable(error)) from error
        finally:
            connection.close()  # what was not committed is undone

    def _is_older(self, connection: sqlite3.Connection) -> bool:
        (id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return bool(id == APPLICATION_ID and version < VERSION)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if id != APPLICATION_ID and (tables or version):
            raise ProgressError(self._broken())
        if version > VERSION:
            raise ProgressError(
                Message(
                    "{file} was written by a newer chainrule (version {version} of the file, this "
                    "one knows {known}): update chainrule, or name another with --progress; what "
                    "is practised now is not kept.",
                    file=self.path,
                    version=version,
                    known=VERSION,
                )
            )
        if version == VERSION:
            return
        for migrate in MIGRATIONS[version:]:
            migrate(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")

    def _unusable(self, error: Exception) -> Message:
        if isinstance(error, sqlite3.OperationalError | OSError):
            return Message(
                "Expected to keep progress in {file}, but {reason}: free it, or name another file "
                "with --progress; what is practised now is not kept.",
                file=self.path,
                reason=_reason(error),
            )
        return self._broken()


def _explaining(grade: Grade) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the mistakes and of the slips that explain an answer; none while it is asked back."""
    told = () if grade.question else grade.diagnoses
    return (
        tuple(each.mutation for each in told if not each.is_slip),
        tuple(each.mutation for each in told if each.is_slip),
    )


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
