"""What the page asks of practice, of the wall finder and of progress; one file for all faces."""

import json
from pathlib import Path
from typing import Any

import pytest

from chainrule.calculus import write
from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.learning.course import course
from chainrule.learning.course.exercises import as_exercise
from chainrule.learning.practice import exercise_from_id, generate
from chainrule.learning.practice.asked import read_asked
from chainrule.learning.practice.exercises import _drawn
from chainrule.learning.progress import Progress
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import MOST_QUESTIONS
from chainrule.learning.wall.finder import needed_for
from chainrule.records import Grade

HERE = Context(Path())


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Progress:
    monkeypatch.setenv("CHAINRULE_PROGRESS", str(tmp_path / "progress.db"))
    return Progress(tmp_path / "progress.db")


def ask(question: str, **parameters: Any) -> Any:
    document = answer(question, parameters, HERE)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document


def told(parts: Any) -> str:
    return "".join(part.get("text", "\n") for part in parts)


def right_answer(id: str) -> str:
    """The derivatives that are asked for; of a number and a choice what it was drawn with."""
    exercise = exercise_from_id(id)
    if exercise.kind == "derivative":
        entries = [write(each.derivative) for each in read_asked(exercise.formula, exercise.wrt)]
        return entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
    drawn = _drawn(exercise.skill, exercise.level, int(id.rpartition(".")[2]))
    assert drawn.truth is not None
    return str(int(drawn.truth)) if exercise.kind == "choice" else repr(drawn.truth)


def test_the_first_exercise_is_the_first_new_skill_at_level_1() -> None:
    found = ask("practice", language="de")
    assert (found["skill"], found["level"], found["due"]) == (next(iter(SKILLS)), 1, False)
    assert found["exercise"]["id"].startswith(f"{found['skill']}.1.")
    assert [each["id"] for each in found["skills"]] == list(SKILLS)
    assert found["name"] != SKILLS[found["skill"]].name


@pytest.mark.parametrize("skill", SKILLS)
def test_every_skill_is_asked_hinted_and_worked_as_lessons_are(skill: str) -> None:
    for level in range(1, 6):
        exercise = ask("practice", skill=skill, level=level, seed=level)["exercise"]
        assert exercise["question"]
        assert len(ask("hints", exercise=exercise["id"])["hints"]) == 3
        shown = ask("worked", exercise=exercise["id"])
        assert shown["text"] or shown["formula"]
        assert bool(exercise["choices"]) == (exercise["kind"] == "choice")


def test_an_answer_is_kept_with_its_mistake_and_the_level_follows(kept: Progress) -> None:
    exercise = generate("product-rule", 2, 0)
    wrong = ask("answer", exercise=exercise.id, answer="x", hints=1)
    assert wrong["correct"] is False and wrong["not_kept"] is None
    assert ask("practice", skill="product-rule")["level"] == 1
    ask("answer", exercise=exercise.id, answer=right_answer(exercise.id))
    assert ask("practice", skill="product-rule")["level"] == 2  # not at once
    again = generate("product-rule", 2, 1)
    right = ask("answer", exercise=again.id, answer=right_answer(again.id))
    assert right["correct"] is True
    assert ask("practice", skill="product-rule")["level"] == 3
    assert [(each.exercise, each.correct, each.hints) for each in kept.answers()] == [
        (exercise.id, False, 1),
        (exercise.id, True, 0),
        (again.id, True, 0),
    ]


def test_what_was_wrong_comes_back(kept: Progress) -> None:
    ask("answer", exercise="gradient.1.3", answer="(0, 0)")
    card = next(iter(kept.cards()))
    assert card.skill == "gradient"
    assert ask("progress")["skills"][list(SKILLS).index("gradient")]["due"] == card.when.isoformat()


def test_the_reply_to_a_question_back_says_which_mistake_is_kept(kept: Progress) -> None:
    id = "chain-rule.1.0"
    assert exercise_from_id(id).formula == "e^(2x)"
    first = ask("answer", exercise=id, answer="e^(2x)")
    assert {each["mutation"] for each in first["diagnoses"]} == {
        "not-differentiated",
        "chain-inner-lost",
    }
    assert "sin(3x)" in told(first["question"])
    assert kept.answers()[0].mistakes == ()
    settled = ask("answer", exercise=id, answer="e^(2x)", reply="cos(3x)")
    assert settled["question"] is None
    assert [each.mistakes for each in kept.answers()] == [("chain-inner-lost",)]
    assert [each.mistake for each in kept.cards()] == ["", "chain-inner-lost"]


def test_the_same_right_answer_again_is_not_kept(kept: Progress) -> None:
    exercise = generate("chain-rule", 1, 4)
    for _ in range(2):
        ask("answer", exercise=exercise.id, answer=right_answer(exercise.id))
    assert len(kept.answers()) == 1


def test_a_lesson_is_done_when_its_exercises_are(kept: Progress) -> None:
    lesson = course.lesson("rate-of-change")
    for each in lesson.exercises:
        assert ask("progress")["lessons"] == []
        ask("answer", exercise=each.id, answer=repr(each.value))
    found = ask("progress")
    assert found["lessons"] == ["rate-of-change"]
    solved = ask("solved")
    assert solved["lessons"] == ["rate-of-change"]
    assert solved["exercises"] == {each.id: repr(each.value) for each in lesson.exercises}
    row = found["skills"][0]
    assert row["answers"] == row["right"] == 3
    assert row["known"] > 0.99  # three right answers, typed


def test_what_is_known_tells_of_what_comes_before_it() -> None:
    for seed in range(3):
        exercise = generate("backpropagation", 2, seed)
        assert ask("answer", exercise=exercise.id, answer=right_answer(exercise.id))["correct"]
    known = {each["id"]: each["known"] for each in ask("progress")["skills"]}
    assert known["chain-rule"] > 0.9  # backpropagation needs it
    assert known["matrices"] is None  # it tells nothing about what comes after it


def test_an_answer_of_the_terminal_is_solved_and_a_wrong_one_is_not(kept: Progress) -> None:
    asked = course.lesson("chain-rule").exercises[0]
    made = as_exercise(asked)
    kept.keep(made, "cos(3x)", Grade(correct=False))
    kept.keep(exercise_from_id("chain-rule.1.0"), "2e^(2x)", Grade(correct=True))
    assert ask("solved")["exercises"] == {}  # practice is of no lesson
    kept.keep(made, "3cos(3x)", Grade(correct=True))
    assert ask("solved") == {
        "view": "solved",
        "exercises": {"chain-rule/1": "3cos(3x)"},
        "lessons": [],
    }


def test_goals_are_all_skills_and_none_is_longer_than_the_course() -> None:
    goals = ask("goals", language="de")["goals"]
    assert [each["id"] for each in goals] == list(SKILLS)
    assert goals[0]["name"] != SKILLS[goals[0]["id"]].name
    minutes = {each["id"]: each["minutes"] for each in goals}
    # what comes before a skill is part of the way to it
    for id, skill in SKILLS.items():
        assert all(minutes[before] <= minutes[id] for before in skill.prerequisites)
    assert 0 < minutes["rate-of-change"] < minutes["pytorch-grad"]
    assert max(minutes.values()) <= sum(each.minutes for each in course.outlines())


def test_with_a_goal_the_wall_finder_says_the_way_to_it_alone() -> None:
    found = ask("wall", seed=1, goal="chain-rule")
    while found["exercise"]:
        id = found["exercise"]["id"]
        assert id.partition(".")[0] in needed_for("chain-rule")
        found = ask("wall", seed=1, goal="chain-rule", answers=found["answers"], exercise=id)
    said = found["found"]
    assert said["goal"] == "chain rule"
    assert [each["lesson"] for each in said["way"]][-1] == "chain-rule"
    whole = {each["id"]: each["minutes"] for each in ask("goals")["goals"]}["chain-rule"]
    assert sum(each["minutes"] for each in said["way"]) == whole  # nothing was known


def test_the_wall_is_found_by_a_page_that_keeps_the_answers(kept: Progress) -> None:
    """A learner who can do nothing beyond the rules for sums."""
    there = {"rate-of-change", "notation", "sums-and-multiples"}
    found = ask("wall", seed=7)
    for count in range(1, MOST_QUESTIONS + 1):
        id = found["exercise"]["id"]
        assert found["number"] == count
        knows = id.partition(".")[0] in there
        text = right_answer(id) if knows else ""
        found = ask("wall", seed=7, answers=found["answers"], exercise=id, answer=text)
        if found["found"]:
            break
    said = found["found"]
    assert found["exercise"] is None
    assert said["skill"] in {"power-rule", "exponentials-and-logarithms", "trigonometry"}
    assert SKILLS[said["skill"]].name in said["sentence"]
    assert said["way"][0]["lesson"] == "the-rules"
    assert said["questions"] == len(found["answers"]) <= MOST_QUESTIONS
    assert kept.wall() == (said["skill"], said["sure"], said["questions"])
    again = ask("wall", seed=7, answers=found["answers"], language="de")
    assert again["found"]["sure"] == said["sure"]
    assert again["found"]["way"][0]["title"] != said["way"][0]["title"]
    walls = kept.export()["walls"]
    assert isinstance(walls, list) and len(walls) == 1


def test_the_wall_finder_can_be_ended_early(kept: Progress) -> None:
    first = ask("wall", seed=1)
    one = ask("wall", seed=1, answers=[], exercise=first["exercise"]["id"])
    assert one["answers"][0]["correct"] is False
    ended = ask("wall", seed=1, answers=one["answers"], end=True)
    assert ended["found"]["questions"] == 1
    again = ask("wall", seed=1, answers=ended["answers"], end=True, keep=False)
    assert again["found"] == ended["found"]
    walls = kept.export()["walls"]
    assert isinstance(walls, list) and len(walls) == 1


@pytest.mark.parametrize(
    ("question", "parameters", "said"),
    [
        ("practice", {"skill": "juggling"}, "Expected a skill"),
        ("practice", {"level": 9}, "level from 1 to 5"),
        ("practice", {"seed": -1}, "Expected a seed"),
        ("answer", {"exercise": "juggling.1.1", "answer": "1"}, "Expected a skill"),
        ("answer", {"exercise": "gradient", "answer": "1"}, "the id of an exercise"),
        ("wall", {"seed": 1, "answers": [{}] * 16}, "at most 15 answers"),
        ("wall", {"seed": 1, "goal": "juggling"}, "Expected a skill"),
        ("wall", {"seed": 1, "answers": ["x"]}, "as an object"),
        ("wall", {"seed": 1, "exercise": "chain-rule.9.1"}, "level from 1 to 5"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(
    question: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        answer(question, parameters, HERE)


def test_export_has_the_answers_and_erasing_leaves_none(kept: Progress) -> None:
    ask("answer", exercise="chain-rule.1.4", answer="x + 17")
    assert ask("export-progress")["answers"][0]["answer"] == "x + 17"
    assert ask("erase-progress") == {"view": "erased", "file": str(kept.path), "there": True}
    assert ask("progress")["answers"] == 0
    assert ask("erase-progress")["there"] is False


def test_a_file_that_is_none_of_ours_costs_a_sentence_and_is_left_alone(kept: Progress) -> None:
    kept.path.write_text("notes, and no file of progress" * 100)
    graded = ask("answer", exercise="chain-rule.1.4", answer="x")
    assert "damaged or something else" in graded["not_kept"]
    assert "damaged or something else" in ask("practice")["not_kept"]
    for question in ("progress", "export-progress", "erase-progress"):
        with pytest.raises(Refusal, match="damaged or something else"):
            answer(question, {}, HERE)
    assert kept.path.read_text().startswith("notes")


def test_a_decimal_comma_is_understood_where_no_list_is_asked_for(kept: Progress) -> None:
    """As Germans write it; in a gradient the comma parts the entries."""
    assert ask("understood", exercise="chain-rule.1.0", answer="2,0e^(2x)")["latex"].startswith("2")
    graded = ask("answer", exercise="chain-rule.1.0", answer="2,0e^(2x)")
    assert graded["correct"] is True
    with pytest.raises(Refusal) as words:
        ask("understood", exercise="chain-rule.1.0", answer="weiß nicht", language="de")
    assert "Gib nur die Formel ein" in str(words.value)
    exercise = generate("gradient", 1, 3)
    right = right_answer(exercise.id)
    assert ask("answer", exercise=exercise.id, answer=right.replace(", ", "; "))["correct"] is True
