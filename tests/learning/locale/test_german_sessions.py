"""Who practises in German reads no English sentence, whatever is asked and answered."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule.calculus.errors import FormulaError
from chainrule.faces.learning.twins import write_view
from chainrule.faces.page import Page
from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.faces.worked_solution import write_solution
from chainrule.learning.course.blocks import View
from chainrule.learning.course.course import lesson, outlines
from chainrule.learning.locale import catalogue
from chainrule.learning.practice import exercise_from_id, generate, grade, hints, worked
from chainrule.learning.practice.exercises import LEVELS, draft_of
from chainrule.learning.skills import SKILLS

SAY = catalogue("de").gettext

ENGLISH = re.compile(
    r"\b(the|is|are|of|and|that|you|your|asked|expected|found|write|derivative|its|by|not|this|"
    r"with|what|right|gradient of|expected)\b",
    re.IGNORECASE,
)
"""Words without which hardly an English sentence gets by, and which no German one has."""

CODE = re.compile(r"`[^`]*`|chainrule [\w -]+|--[\w-]+|'[^']*'|\b[a-z]+(?:-[a-z]+)+\b")
"""What is the same in both languages."""


def english(text: str) -> list[str]:
    return ENGLISH.findall(CODE.sub("", text))


def sentences(skill: str, level: int, seed: int) -> Iterator[str]:
    """All that is said about one exercise before anybody has answered it."""
    exercise = generate(skill, level, seed)
    yield exercise.question
    yield from exercise.choices
    yield from (hint.text for hint in hints(exercise))
    if exercise.kind != "derivative":
        draft = draft_of(exercise)
        yield from draft.steps
        yield from (mistake.message for mistake in draft.mistakes)


@pytest.mark.parametrize("skill", SKILLS)
def test_exercises_hints_and_steps_are_german(skill: str) -> None:
    for level in LEVELS:
        for seed in range(3):
            for text in sentences(skill, level, seed):
                assert english(SAY(text)) == [], (level, seed, text, SAY(text))


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("sin(3x)", "x", "cos(3x)"),
        ("x^2 sin(x)", "x", "2x cos(x)"),
        ("x^2/(x+1)", "x", "(x^2 - 2x(x+1))/(x+1)^2"),
        ("x^2 y", "x", "x^2"),
        ("x^2 + y^2", "x", "2x + 2y"),
        ("x^2 + y^2", "x,y", "(2y, 2x)"),
        ("x^2 + 3x y", "x,y", "(2x, 3x)"),
        ("z = x y; x = t^2; y = 3t", "t", "2t y"),
        ("x e^(-x)", "x", "e^(-x) + x e^(-x)"),
        ("x^x", "x", "x*x^(x-1)"),
        ("x^3", "x", "x^4/4"),
        ("x^2 + y^2 = 25", "x", "x/y"),
    ],
)
def test_what_is_said_to_a_wrong_answer_is_german(formula: str, wrt: str, answer: str) -> None:
    found = grade(formula, wrt, answer)
    said = [each.message for each in found.diagnoses] + [found.question or ""]
    assert any(said)
    for text in said:
        assert english(SAY(text)) == [], SAY(text)
        assert text == "" or SAY(text) != text


@pytest.mark.parametrize(
    "answer",
    [
        *("", "cos(3x", "cos(3y)", "2x)", "2 3", "a.b", "sin", "f(x)", "x $ 2", "0x1f"),
        *("sin^-2(x)", "e^2x", "1/2x y z", r"\foo{x}", r"\frac{1}", "[1, 2]", "log(1, 2, 3)"),
    ],
)
def test_what_is_said_of_an_unreadable_answer_is_german(answer: str) -> None:
    with pytest.raises(FormulaError) as raised:
        grade("sin(3x)", "x", answer)
    reason = SAY(raised.value.reason)
    assert english(reason) == [], reason
    assert raised.value.told(SAY).startswith(reason)
    assert "column" not in raised.value.told(SAY)


def chainrule(*arguments: str, typed: str = "") -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "chainrule", *arguments, "--language", "de"],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert ended.returncode in (0, 2)
    return ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (
            ("practice", "--skill", "chain-rule", "--count", "2", "--seed", "3", "--forget"),
            "x(\n1\n\n?\n??\n???\nworked\nskip\n",
            "0 von 2 gelöst.",
        ),
        (
            (
                *("practice", "--skill", "backpropagation", "--level", "3", "--count", "3"),
                *("--seed", "1", "--forget"),
            ),
            "worked\nworked\nworked\n",
            "0 von 3 gelöst.",
        ),
        (
            ("practice", "--find-wall", "--seed", "1", "--forget"),
            "?\n" * 15,
            "Das ist die Wand: Änderungsrate.",
        ),
        (("practice", "--skill", "long-division"), "", "Erwartet wird eine Fertigkeit"),
        (("grade", "sin(3x)", "--answer", "cos(3x"), "", "nie geschlossen: Es fehlt ein )"),
        (("grade", "sin(3x)", "--answer", "cos(3x)"), "", "Noch nicht richtig."),
        (("learn", "chain", "--text"), "", "meinst du chain-rule?"),
    ],
)
def test_a_german_session_shows_no_english_sentence(
    arguments: tuple[str, ...], typed: str, said: str
) -> None:
    shown = chainrule(*arguments, typed=typed)
    assert said in " ".join(shown.split())
    for line in shown.splitlines():
        assert english(line) == [], line


@pytest.mark.parametrize("id", [outline.id for outline in outlines("de")])
def test_views_of_a_lesson_as_text_are_german(id: str) -> None:
    views = [block for block in lesson(id, "de").all_blocks() if isinstance(block, View)]
    shown = io.StringIO()
    for view in views:
        write_view(Page(shown, width=100), view, SAY)
    for line in shown.getvalue().splitlines():
        assert english(line) == [], line


def test_worked_solutions_of_gradients_and_curves_are_german() -> None:
    shown = io.StringIO()
    for id in ("gradient.2.0", "paths-add.4.5", "paths-add.5.1"):
        write_solution(Page(shown, width=100), worked(exercise_from_id(id)), str, SAY)
    assert "Die linke Seite" in shown.getvalue()
    assert "Gradient von" in shown.getvalue()
    for line in shown.getvalue().splitlines():
        assert english(line) == [], line


def test_worked_solutions_of_numbers_are_german_sentences() -> None:
    for skill in ("descent-step", "matrices", "paths-add"):
        steps = worked(generate(skill, 4, 1))
        assert isinstance(steps, tuple)
        for step in steps:
            assert english(SAY(step)) == [], step


def test_hints_and_refusals_of_a_page_are_german() -> None:
    asked = {"exercise": "chain-rule/1", "language": "de"}
    told: Any = answer("hints", asked, Context(Path()))
    texts = [part["text"] for hint in told["hints"] for part in hint if part["is"] == "plain"]
    assert len(texts) >= 3
    assert [english(text) for text in texts if english(text)] == []
    with pytest.raises(Refusal, match="Die Formel endet hier"):
        answer("grade", {**asked, "answer": "cos("}, Context(Path()))
