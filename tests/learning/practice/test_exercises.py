"""Exercises: the same for the same id, varied, sound; their hints and their solutions."""

from collections.abc import Callable

import pytest

from chainrule.calculus import FormulaError, write
from chainrule.calculus.read_problem import read_problem
from chainrule.learning.practice import (
    asked,
    curve_asked,
    exercise_from_id,
    generate,
    grade,
    grade_exercise,
    hints,
    matrix_asked,
    matrix_facts,
    matrix_walks,
    prepare,
    workings,
)
from chainrule.learning.practice.asked import read_asked
from chainrule.learning.practice.curve_asked import read_curve
from chainrule.learning.practice.exercises import LEVELS, _drawn
from chainrule.learning.practice.matrix_asked import is_of_matrices, read_matrix
from chainrule.learning.skills import SKILLS
from chainrule.records import Exercise

SEEDS = range(6)

ALL = [(skill, level) for skill in SKILLS for level in LEVELS]


def right_answer(exercise: Exercise) -> str:
    if exercise.kind == "derivative":
        problem = read_problem(exercise.formula)
        if problem.equation is not None:
            return write(read_curve(problem, exercise.wrt).factored)
        if is_of_matrices(problem):
            return write(read_matrix(problem, exercise.wrt).derivation.gradient)
        parts = [write(each.derivative) for each in read_asked(exercise.formula, exercise.wrt)]
        return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    truth = _drawn(exercise.skill, exercise.level, int(exercise.id.rpartition(".")[2])).truth
    assert truth is not None
    return str(int(truth)) if exercise.kind == "choice" else repr(truth)


@pytest.mark.parametrize(("skill", "level"), ALL)
def test_an_exercise_is_sound_and_comes_back_by_its_id(skill: str, level: int) -> None:
    for seed in SEEDS:
        exercise = generate(skill, level, seed)
        assert exercise_from_id(exercise.id) == exercise
        assert (exercise.skill, exercise.level) == (skill, level)
        assert grade_exercise(exercise, right_answer(exercise)).correct
        assert "/" not in exercise.id  # so are the ids of lessons


@pytest.mark.parametrize("skill", SKILLS)
def test_exercises_are_varied(skill: str) -> None:
    drawn = {generate(skill, level, seed).question for level in LEVELS for seed in range(12)}
    assert len(drawn) >= 8


@pytest.mark.parametrize(("skill", "level"), [each for each in ALL if each[1] in (1, 3, 5)])
def test_known_wrong_answers_are_explained(skill: str, level: int) -> None:
    exercise = generate(skill, level, 1)
    if exercise.kind == "derivative":
        return
    draft = _drawn(skill, level, 1)
    values = [each.value for each in draft.mistakes]
    for each in draft.mistakes:
        if values.count(each.value) > 1:
            continue
        typed = str(int(each.value)) if exercise.kind == "choice" else repr(each.value)
        found = grade_exercise(exercise, typed)
        assert not found.correct
        assert [d.mutation for d in found.diagnoses] == [each.id]


@pytest.mark.parametrize(("skill", "level"), [each for each in ALL if each[1] in (1, 4)])
def test_hints_go_three_steps_deep(skill: str, level: int) -> None:
    exercise = generate(skill, level, 2)
    found = hints(exercise)
    assert [each.depth for each in found] == [1, 2, 3]
    assert all(each.text for each in found)


def test_a_hint_is_about_the_step_where_the_learner_stands() -> None:
    exercise = Exercise(
        id="x",
        kind="derivative",
        skill="chain-rule",
        level=3,
        question="",
        formula="x^2 + sin(3x)",
        wrt="x",
    )
    first, second, third = hints(exercise, "2x + cos(3x)")
    assert "`sin(3x)`" in first.text
    assert "chain rule" in first.text
    assert "`3x`" in second.text
    assert third.text == "The derivative of `sin(3x)` by x is `cos(3x) · d/dx[3x]`."
    assert first.node == third.node >= 0
    # what cannot be read is no reason to give no hint
    assert hints(exercise, "2x +")[0].text


@pytest.mark.parametrize(
    ("id", "says"),
    [
        ("chain-rule", "Expected the id of an exercise"),
        ("cooking.1.1", "Expected a skill"),
        ("chain-rule.9.1", "Expected a level"),
    ],
)
def test_an_unknown_exercise_is_said_in_a_sentence(id: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        exercise_from_id(id)


def test_a_choice_is_answered_by_number_or_text() -> None:
    exercise = generate("flat-places", 2, 4)
    grades = [grade_exercise(exercise, str(i)).correct for i in range(len(exercise.choices))]
    assert sum(grades) == 1
    assert [grade_exercise(exercise, text).correct for text in exercise.choices] == grades
    with pytest.raises(FormulaError, match="number of a choice"):
        grade_exercise(exercise, "7")


def test_skills_stand_in_an_order_of_learning() -> None:
    from chainrule.calculus.rules import ALL_RULES

    known: set[str] = set()
    for skill in SKILLS.values():
        assert set(skill.prerequisites) <= known
        assert set(skill.rules) <= set(ALL_RULES)
        known.add(skill.id)
    assert len(known) == 21


def _derivative(formula: str, wrt: str) -> Exercise:
    return Exercise(
        id="", kind="derivative", skill="", level=1, question="", formula=formula, wrt=wrt
    )


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("x^3 sin(7x) + x/11", "x", "3x^2 sin(7x) + x^3 cos(7x) + 1/11"),
        ("s = 3a*b^2 + 13a; a = t^2; b = 5t", "t", "3a*b^2 + 13a"),
        ("x^2 + 17x*y + y^3 = 5", "x", "(2x + 17)/(17x + 3y^2)"),
        ("19 norm(K z - c)^2", "z", "38 K (K z - c)"),
        ("norm(23 K z + B c)^2", "z", "46 K^T (23 K z - 3 B c)"),
        ("[sqrt(x^2 + 19y^2), atan(19y/x)]", "x,y", "[[x, y], [-y, x]]"),
        ("1/(1 + exp(-q))", "q", "-exp(-q)/(1 + exp(-q))^2"),
    ],
)
def test_an_exercise_that_was_prepared_is_not_worked_out_for_its_answer(
    formula: str, wrt: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is shown there is time for that; its first answer is graded as fast as others."""
    begun: list[str] = []

    def counted(name: str, inner: Callable[..., object]) -> Callable[..., object]:
        return lambda *given, **named: begun.append(name) or inner(*given, **named)

    for owner, name in (
        (asked, "derive"),
        (curve_asked, "derive_implicit"),
        (matrix_asked, "derive_matrix"),
        (matrix_facts, "derive_matrix"),
        (workings.Workings, "__init__"),
        (matrix_walks.Walk, "__init__"),
    ):
        monkeypatch.setattr(owner, name, counted(name, getattr(owner, name)))
    prepare(_derivative(formula, wrt))
    assert "__init__" in begun
    begun.clear()
    assert not grade(formula, wrt, answer).correct
    assert not begun


def test_what_cannot_be_graded_is_prepared_without_a_word() -> None:
    for formula in ("[3, 4]", "x +* 3", "x^2 + y^2 = -1", "relu(", "", "det(A", "sqrt(-1 - x^2)"):
        for wrt in ("x", ""):
            prepare(_derivative(formula, wrt))
