"""The learner's file: what is kept comes back; a bad file is a sentence; two pages lose nothing."""

import json
import os
import pkgutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chainrule.calculus.rules import ALL_RULES
from chainrule.learning.practice import generate, grade_exercise
from chainrule.learning.practice.slips import SLIPS
from chainrule.learning.practice.whole_mistakes import OF_WHOLE
from chainrule.learning.progress import Progress, ProgressError, Rating, progress_path
from chainrule.learning.progress.file import APPLICATION_ID
from chainrule.learning.progress.migrations import VERSION
from chainrule.learning.progress.schedule import due_now, due_of, rating_of, reviewed
from chainrule.records import Diagnosis, Grade

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXERCISE = generate("chain-rule", 2, 0)
WRONG = Grade(
    correct=False,
    diagnoses=(Diagnosis(mutation="inner-forgotten", rule="chain", node=0, message="…"),),
)
RIGHT = Grade(correct=True)
SLIPPED = Grade(
    correct=False,
    diagnoses=(Diagnosis(mutation="slip-sign", rule="", node=-1, message="…"),),
)


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "own" / "progress.db")


def test_an_answer_comes_back_as_it_was_kept(progress: Progress) -> None:
    progress.keep(EXERCISE, "cos(x^4)", WRONG, hints=2, at=NOON)
    progress.keep(EXERCISE, "4x^3 cos(x^4)", RIGHT, tries=2, at=NOON)
    first, second = progress.answers()
    assert (first.exercise, first.answer, first.correct, first.hints) == (
        EXERCISE.id,
        "cos(x^4)",
        False,
        2,
    )
    assert first.mistakes == ("inner-forgotten",)
    assert first.at == NOON
    assert second.correct
    assert second.mistakes == ()


def test_the_file_is_the_owners_alone(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG)
    assert stat.S_IMODE(progress.path.stat().st_mode) == 0o600


def test_what_was_wrong_is_due_before_what_was_right(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG, at=NOON)
    other = generate("product-rule", 2, 0)
    for day in range(3):
        progress.keep(other, "1", RIGHT, at=NOON + timedelta(days=day))
    due = {(each.skill, each.mistake): each.when for each in progress.cards()}
    assert due["chain-rule", ""] < NOON + timedelta(hours=1)
    assert due["chain-rule", "inner-forgotten"] < NOON + timedelta(hours=1)
    assert due["product-rule", ""] > NOON + timedelta(days=3)
    now = due_now(progress.cards(), NOON + timedelta(hours=2))
    assert {each.skill for each in now} == {"chain-rule"}


def test_a_right_answer_puts_off_the_mistakes_of_its_skill(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG, at=NOON)
    before = {each.mistake: each.when for each in progress.cards()}
    for minutes in (15, 60):
        progress.keep(EXERCISE, "2", RIGHT, at=NOON + timedelta(minutes=minutes))
    after = {each.mistake: each.when for each in progress.cards()}
    assert after["inner-forgotten"] > before["inner-forgotten"]


def test_an_ambiguous_answer_accuses_of_nothing(progress: Progress) -> None:
    asked_back = Grade(correct=False, diagnoses=WRONG.diagnoses, question="How fast does g move?")
    progress.keep(EXERCISE, "1", asked_back)
    assert progress.answers()[0].mistakes == ()
    assert [each.mistake for each in progress.cards()] == [""]


def test_a_slip_is_kept_apart_and_nothing_to_practise(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", SLIPPED)
    progress.keep(EXERCISE, "2", Grade(correct=False, diagnoses=SLIPPED.diagnoses, question="…?"))
    progress.settle(EXERCISE, "2", SLIPPED)
    assert [(each.mistakes, each.slips) for each in progress.answers()] == [
        ((), ("slip-sign",)),
        ((), ("slip-sign",)),
    ]
    assert [each.mistake for each in progress.cards()] == [""]


def test_ids_of_slips_and_no_others_say_that_they_are() -> None:
    mistakes = {each.id for rule in ALL_RULES.values() for each in rule.mutations} | OF_WHOLE
    assert all(each.id.startswith("slip-") for each in SLIPS)
    assert not any(each.startswith("slip-") for each in mistakes)


@pytest.mark.parametrize("reads", [True, False])
def test_an_older_file_gets_its_slips_out_of_the_mistakes(progress: Progress, reads: bool) -> None:
    """As version 1 kept them: with mistakes, and with a card of their own."""
    source = pkgutil.get_data("chainrule.learning.progress", "schema.sql")
    assert source is not None
    progress.path.parent.mkdir()
    card = reviewed(None, Rating.again, NOON)
    with closing(sqlite3.connect(progress.path)) as connection:
        connection.executescript(source.decode())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        for mistakes in (["inner-forgotten", "slip-sign"], ["slip-term"], []):
            connection.execute(
                "INSERT INTO answer (at, exercise, skill, answer, correct, hints, mistakes)"
                " VALUES (?, 'chain-rule.2.0', 'chain-rule', '1', 0, 0, ?)",
                (NOON.isoformat(), json.dumps(mistakes)),
            )
        for mistake in ("", "inner-forgotten", "slip-sign"):
            connection.execute("INSERT INTO card VALUES ('chain-rule', ?, ?)", (mistake, card))
        connection.commit()
    before = progress.path.read_bytes()
    if not reads:
        progress.finish_lesson("chain-rule")
    assert [(each.mistakes, each.slips) for each in progress.answers()] == [
        (("inner-forgotten",), ("slip-sign",)),
        ((), ("slip-term",)),
        ((), ()),
    ]
    assert [each.mistake for each in progress.cards()] == ["", "inner-forgotten"]
    assert (progress.path.read_bytes() == before) is reads


@pytest.mark.parametrize(
    ("correct", "hints", "tries", "rating"),
    [
        (False, 0, 1, Rating.again),
        (True, 0, 1, Rating.good),
        (True, 1, 1, Rating.hard),
        (True, 0, 2, Rating.hard),
    ],
)
def test_how_an_answer_counts(correct: bool, hints: int, tries: int, rating: Rating) -> None:
    assert rating_of(correct, hints, tries) is rating


def test_repetitions_that_go_well_come_farther_apart() -> None:
    card, when, gaps = None, NOON, []
    for _ in range(6):
        card = reviewed(card, Rating.good, when)
        gaps.append(due_of(card) - when)
        when = due_of(card)
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=30)
    assert due_of(reviewed(card, Rating.again, when)) - when < timedelta(days=1)


def test_export_has_everything_and_erasing_leaves_no_file(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG, at=NOON)
    progress.finish_lesson("chain-rule", NOON)
    progress.keep_wall("paths-add", 0.93, 11, NOON)
    written = json.loads(json.dumps(progress.export()))
    assert written["version"] == VERSION
    assert [each["exercise"] for each in written["answers"]] == [EXERCISE.id]
    assert {each["mistake"] for each in written["cards"]} == {"", "inner-forgotten"}
    assert written["lessons"] == [{"lesson": "chain-rule", "done_at": NOON.isoformat()}]
    assert written["walls"][0]["skill"] == "paths-add"
    assert progress.wall() == ("paths-add", 0.93, 11)
    progress.erase()
    assert os.listdir(progress.path.parent) == []
    assert progress.answers() == ()
    assert progress.wall() is None
    progress.erase()


def test_two_pages_at_once_lose_nothing(progress: Progress) -> None:
    def practise(seed: int) -> None:
        for i in range(10):
            exercise = generate("power-rule", 1, 10 * seed + i)
            Progress(progress.path).keep(exercise, "1", grade_exercise(exercise, "1"))

    threads = [threading.Thread(target=practise, args=(seed,)) for seed in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(progress.answers()) == 40


def test_a_file_of_something_else_is_refused_and_stays(tmp_path: Path) -> None:
    text = tmp_path / "thesis.txt"
    text.write_text("not a database, but long enough to be looked at " * 40)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")
    for path in (text, other):
        for act in (
            lambda: Progress(path).keep(EXERCISE, "1", WRONG),  # noqa: B023
            lambda: Progress(path).answers(),  # noqa: B023
            lambda: Progress(path).erase(),  # noqa: B023
        ):
            with pytest.raises(ProgressError, match="damaged or something else"):
                act()
        assert path.exists()


def test_a_newer_file_is_refused(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG)
    with sqlite3.connect(progress.path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(ProgressError, match="newer chainrule"):
        progress.answers()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="what is practised now is not kept"):
        Progress(tmp_path / "file" / "progress.db").keep(EXERCISE, "1", WRONG)


def test_a_card_that_is_no_card_is_a_sentence(progress: Progress) -> None:
    progress.keep(EXERCISE, "1", WRONG)
    with sqlite3.connect(progress.path) as connection:
        connection.execute("UPDATE card SET state = '{}'")
    with pytest.raises(ProgressError, match="damaged"):
        progress.cards()


def test_where_the_file_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHAINRULE_PROGRESS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert progress_path() == tmp_path / "chainrule" / "progress.db"
    monkeypatch.setenv("CHAINRULE_PROGRESS", str(tmp_path / "mine.db"))
    assert progress_path() == tmp_path / "mine.db"
    assert progress_path(tmp_path / "given.db") == tmp_path / "given.db"
