"""`chainrule practice` as a learner meets it: a dialogue on a pipe, a record, a file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule.calculus import write
from chainrule.calculus.derivation import Derivation
from chainrule.learning.practice import generate, worked

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "practice.schema.json").read_text("utf-8")
)


def practise(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "practice", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", "HOME": "/"},
        timeout=120,
    )


def record_of(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(ended.stdout)
    jsonschema.validate(document, SCHEMA)
    return document


def right_answer(skill: str, level: int, seed: int) -> str:
    found = worked(generate(skill, level, seed))
    assert isinstance(found, Derivation)
    return write(found.raw)


def test_a_wrong_answer_hears_its_reason_and_a_right_one_ends_the_exercise(tmp_path: Path) -> None:
    kept = tmp_path / "progress.db"
    exercise = generate("chain-rule", 2, 1)
    assert exercise.formula == "(4x - 2)^6"
    ended = practise(
        *("--skill", "chain-rule", "--level", "2", "--seed", "1", "--count", "1"),
        *("--progress", str(kept), "--format", "json"),
        typed=f"6(4x - 2)^5\n??\n{right_answer('chain-rule', 2, 1)}\n",
    )
    document = record_of(ended)
    (practised,) = document["exercises"]
    wrong, right = practised["tries"]
    assert practised["solved"]
    assert [each["mutation"] for each in wrong["diagnoses"]] == ["chain-inner-lost"]
    assert (wrong["hints"], right["hints"]) == (0, 2)
    assert "How fast does its inside move?" in ended.stderr
    assert document["progress"] == str(kept)
    exported = practise("--progress", str(kept), "--export", "-")
    answers = json.loads(exported.stdout)["answers"]
    assert [each["correct"] for each in answers] == [False, True]
    assert answers[0]["mistakes"] == ["chain-inner-lost"]


def test_quitting_keeps_what_was_done(tmp_path: Path) -> None:
    kept = tmp_path / "progress.db"
    typed = f"{right_answer('power-rule', 1, 5)}\n1\nquit\n"
    ended = practise(
        *("--skill", "power-rule", "--seed", "5", "--progress", str(kept), "--format", "json"),
        typed=typed,
    )
    first, second = record_of(ended)["exercises"]
    assert first["solved"]
    assert second["level"] == 2  # one up, since the first was solved at once
    assert not second["solved"]
    assert len(second["tries"]) == 1
    assert (
        len(json.loads(practise("--progress", str(kept), "--export", "-").stdout)["answers"]) == 2
    )


def test_the_dialogue_on_a_pipe_reads_like_one() -> None:
    ended = practise(
        *("--skill", "chain-rule", "--seed", "1", "--level", "2", "--count", "1", "--forget"),
        typed="2 +\n\n?\nworked\n",
    )
    assert ended.returncode == 0
    assert "Differentiate (4x - 2)^6 by x." in ended.stdout
    assert "Type an answer; ? for a hint" in ended.stdout
    assert "Look at (4x - 2)^6" in ended.stdout
    assert "24 (4x - 2)^5" in ended.stdout or "24" in ended.stdout
    assert "0 of 1 solved." in ended.stdout
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("skill", "level", "seed", "said"),
    [
        ("gradient", 1, 0, ("(∇f)ₓ = ∂ₓf", "(∇f)_y = ∂_y f")),
        ("paths-add", 4, 2, ("The left side", "Solved for dy/dx", "divide by what multiplies it")),
        ("descent-step", 3, 1, ("∂L/∂w holds b still",)),
        ("matrices", 5, 2, ("Values on the way", "matrix times vector", "ᵀ")),
    ],
)
def test_a_worked_solution_shows_all_of_it(
    skill: str, level: int, seed: int, said: tuple[str, ...]
) -> None:
    ended = practise(
        *("--skill", skill, "--seed", str(seed), "--level", str(level), "--count", "1"),
        "--forget",
        typed="worked\n",
    )
    assert ended.returncode == 0, ended.stderr
    assert [each for each in said if each not in ended.stdout] == [], ended.stdout


def test_the_wall_of_somebody_who_knows_nothing_is_the_first_skill(tmp_path: Path) -> None:
    kept = tmp_path / "progress.db"
    ended = practise(
        *("--find-wall", "--seed", "1", "--progress", str(kept), "--format", "json"),
        typed="?\n" * 15,
    )
    wall = record_of(ended)["wall"]
    assert wall["skill"] == "rate-of-change"
    assert wall["sentence"] == "This is the wall: rate of change."
    assert 4 <= wall["questions"] <= 15
    assert wall["way"][0]["lesson"] == "rate-of-change"
    walls = json.loads(practise("--progress", str(kept), "--export", "-").stdout)["walls"]
    assert [each["skill"] for each in walls] == ["rate-of-change"]


def test_a_goal_makes_the_way_shorter_and_a_long_one_names_a_stop() -> None:
    said = practise("--find-wall", "--seed", "1", "--forget", typed="?\n" * 15)
    assert "You need not go all of it at once: up to " in " ".join(said.stdout.split())
    assert "chainrule practice --find-wall --goal " in said.stdout
    ended = practise(
        *("--find-wall", "--goal", "chain-rule", "--seed", "1", "--forget", "--format", "json"),
        typed="?\n" * 15,
    )
    wall = record_of(ended)["wall"]
    assert wall["goal"] == "chain-rule"
    assert wall["way"][-1]["lesson"] == "chain-rule"


def test_ending_the_wall_finder_early_says_so() -> None:
    ended = practise("--find-wall", "--forget", "--seed", "2", typed="?\nquit\n")
    assert ended.returncode == 0
    assert "Ended early" in ended.stdout
    assert "This is the wall" in ended.stdout


def test_what_was_wrong_is_due_and_then_erased(tmp_path: Path) -> None:
    kept = tmp_path / "progress.db"
    nothing = practise("--due", "--progress", str(kept))
    assert "Nothing is due." in nothing.stdout
    practise("--skill", "gradient", "--count", "1", "--progress", str(kept), typed="(1, 1)\nskip\n")
    erased = practise("--erase", "--progress", str(kept))
    assert erased.returncode == 0
    assert not kept.exists()


def test_a_file_that_is_none_of_ours_costs_a_sentence_and_practice_goes_on(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("not a database " * 200)
    ended = practise(
        *("--skill", "power-rule", "--count", "1", "--seed", "5", "--level", "1"),
        *("--progress", str(thesis)),
        typed=f"{right_answer('power-rule', 1, 5)}\n",
    )
    assert ended.returncode == 0
    assert "damaged or something else" in " ".join(ended.stdout.split())
    assert "1 of 1 solved." in ended.stdout
    assert practise("--erase", "--progress", str(thesis)).returncode == 2
    assert thesis.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--skill", "long-division"), "Expected a skill"),
        (("--export", "-", "--forget"), "choose one"),
        (("--find-wall", "--goal", "long-division"), "Expected a skill"),
        (("--goal", "chain-rule"), "give both"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    ended = practise(*arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_skills_are_listed() -> None:
    listed = json.loads(practise("--skills", "--format", "json").stdout)
    assert len(listed) == 21
    assert {"id", "name", "prerequisites", "lesson"} == set(listed[0])


def test_asking_for_a_hint_again_says_more() -> None:
    typed = "?\n?\n?\n?\nx\n?\nquit\n"
    ended = practise("--skill", "chain-rule", "--seed", "3", "--forget", typed=typed)
    rule, further, next_step = "The rule to use there", "First the outside", "d/dx[6x]"
    before, _, after = ended.stdout.partition("Not yet right.")
    assert before.index(rule) < before.index(further) < before.index(next_step)
    assert [before.count(each) for each in (rule, further, next_step)] == [1, 1, 2]
    assert rule in after  # of a new answer the first is told again: it begins with what is right
    assert further not in after
