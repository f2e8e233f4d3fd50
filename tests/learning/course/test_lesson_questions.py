"""What a lesson's page asks: lessons in two languages, answers judged, hints, scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.learning.course import course
from chainrule.learning.course.lesson import LANGUAGES

HERE = Context(Path())


def exercise_of_kind(kind: str) -> str:
    found = (
        e.id for o in course.outlines() for e in course.lesson(o.id).exercises if e.kind == kind
    )
    return next(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_is_answered_and_tells_no_answer(language: str) -> None:
    overview = answer("course", {"language": language}, HERE)
    rows = overview["lessons"]
    assert isinstance(rows, list) and len(rows) == 15
    for outline in course.outlines(language):
        document: Any = answer("lesson", {"id": outline.id, "language": language}, HERE)
        assert json.loads(json.dumps(document, allow_nan=False)) == document
        asked = [b for b in document["blocks"] if b["is"] == "lesson-exercise"]
        assert asked
        assert not [b for b in asked if {"value", "answer", "hints", "worked"} & set(b)]


def test_a_number_is_judged_and_a_decimal_comma_is_one() -> None:
    id = exercise_of_kind("value")
    right = next(e.value for e in course.lesson(id.partition("/")[0]).exercises if e.id == id)
    assert right is not None
    for text in (repr(right), repr(right).replace(".", ",")):
        assert answer("grade", {"exercise": id, "answer": text}, HERE)["correct"] is True
    wrong = answer("grade", {"exercise": id, "answer": repr(right * 1.02 + 1)}, HERE)
    assert wrong["correct"] is False
    told: Any = answer("hints", {"exercise": id}, HERE)
    assert len(told["hints"]) == 3


def test_a_choice_is_judged_with_its_reason() -> None:
    id = exercise_of_kind("choice")
    right = next(e for e in course.lesson(id.partition("/")[0]).exercises if e.id == id)
    for i in range(len(right.choices)):
        said = answer("grade", {"exercise": id, "answer": str(i)}, HERE)
        assert said["correct"] is (i == right.answer)
        assert said["because"]


def test_an_answer_that_cannot_be_read_is_refused_at_its_column() -> None:
    with pytest.raises(Refusal) as raised:
        answer("understood", {"exercise": "chain-rule/1", "answer": "cos(3x"}, HERE)
    assert (raised.value.field, raised.value.column) == ("answer", 3)


@pytest.mark.parametrize(
    ("question", "parameters", "said"),
    [
        ("lesson", {"id": "chain-rul"}, "did you mean chain-rule"),
        ("lesson", {"id": "chain-rule", "language": "xx"}, "one of the languages en, de"),
        ("grade", {"exercise": "chain-rule/99", "answer": "x"}, "Expected an exercise"),
        ("repair", {"name": "../secrets"}, "Expected a script to repair"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    question: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refusal) as raised:
        answer(question, parameters, HERE)
    assert said in raised.value.sentence


def test_a_repair_changes_what_stands_in_its_script() -> None:
    found = answer("repair", {"name": "vanishing_chain"}, HERE)
    assert all(change["old"] in found["code"] for change in found["solution"])
