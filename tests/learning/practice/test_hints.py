"""Hints get deeper, begin where the learner stands, and keep the answer for the third.

The snapshot is what a learner reads: three sentences for two exercises of each skill.
"""

import re

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import FormulaError
from chainrule.learning.practice import generate, grade_exercise, hints
from chainrule.learning.practice.exercises import draft_of
from chainrule.learning.practice.further_hints import has_number
from chainrule.learning.skills import SKILLS
from chainrule.records import Exercise

CHOSEN = [(skill, level, seed) for skill in SKILLS for level, seed in ((1, 0), (4, 1))]


def of(formula: str, wrt: str = "x") -> Exercise:
    return Exercise(
        id="x",
        kind="derivative",
        skill="chain-rule",
        level=3,
        question="",
        formula=formula,
        wrt=wrt,
    )


def test_what_a_learner_reads(snapshot: SnapshotAssertion) -> None:
    read = []
    for skill, level, seed in CHOSEN:
        exercise = generate(skill, level, seed)
        read.append(f"{exercise.id}  {exercise.question}")
        read += [f"    {each.depth}  {each.text}" for each in hints(exercise)]
    assert "\n".join(read) == snapshot


def gives_away(exercise: Exercise, text: str) -> bool:
    """Whether the answer stands in a hint."""
    if exercise.kind == "derivative":
        for part in re.findall(r"`([^`]*)`", text):
            try:
                if grade_exercise(exercise, part).correct:
                    return True
            except (FormulaError, ValueError):
                continue
        return False
    draft = draft_of(exercise)
    assert draft.truth is not None
    if exercise.kind == "choice":
        return exercise.choices[int(draft.truth)] in text
    # numbers that stand in the question are no news
    return has_number(text, draft.truth) and not has_number(exercise.question, draft.truth)


@pytest.mark.parametrize("skill", SKILLS)
def test_the_answer_comes_with_the_third_hint_at_the_earliest(skill: str) -> None:
    for level in range(1, 6):
        for seed in range(4):
            exercise = generate(skill, level, seed)
            found = hints(exercise)
            assert [each.depth for each in found] == [1, 2, 3]
            assert len({each.text for each in found}) == 3
            assert all(each.text[-1] in ".?!" for each in found)
            for each in found[:2]:
                assert not gives_away(exercise, each.text), (exercise.question, each.text)


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "first"),
    [
        ("x^2 + sin(3x)", "x", "2x + cos(3x)", "Right already is the derivative of `x^2`. Look at"),
        ("x^2 + sin(3x) - 4x^3", "x", "2x + 3cos(3x)", "derivative of `x^2`, `sin(3x)`. Look at"),
        ("x^2 + sin(3x) - 4x^3", "x", "12x^2 + 2x", "derivative of `x^2`. Look at `sin(3x)`"),
        ("x^2 sin(3x)", "x", "2x sin(3x) + x^2 cos(3x)", "derivative of `x^2`. Look at `sin(3x)`"),
        ("x^2 + 3x y", "x,y", "(2x + 3y, 3y)", "The entry by x is right already. Look at `3x y`"),
        ("x^2 + sin(3x)", "x", "2x +", "Look at `x^2`"),
        ("x^2 e^x", "x", "17", "Look at `x^2 e^x`"),
    ],
)
def test_the_first_hint_says_what_is_right_and_where_it_goes_wrong(
    formula: str, wrt: str, answer: str, first: str
) -> None:
    assert first in hints(of(formula, wrt), answer)[0].text


def test_a_rewriting_is_called_one() -> None:
    second = hints(of("1/(x^2 + 9)^2"))[1].text
    assert second.startswith("`1 / (x^2 + 9)^2` is the same as `(x^2 + 9)⁻²`")


def test_a_known_mistake_comes_before_the_idea() -> None:
    exercise = generate("descent-step", 3, 1)
    uphill = next(each for each in draft_of(exercise).mistakes if each.id == "step-uphill")
    first = hints(exercise, repr(uphill.value))[0].text
    assert first.startswith("The step went uphill")
    assert first.endswith("new = old − η · gradient.")


def test_an_equation_is_differentiated_on_both_sides() -> None:
    first, second, third = hints(of("x^2 + y^2 = 25"), "x/y")
    assert first.text.startswith("Differentiate both sides by x.")
    assert "`2x + 2y · y′ = 0`" in second.text
    assert "`2y · y′ = -2x`" in third.text


def test_matrices_are_gone_back_through_one_by_one() -> None:
    first, second, third = hints(of("norm(X @ w - y)^2", "w"))
    assert first.text.endswith("has the shape of w.")
    assert "`X w − y`" in second.text
    assert third.text == "All together: `2Xᵀ(X w − y)`."
