"""Kinds of exercise: every skill has several, all are sound, and their numbers are those of others.

What PyTorch exercises say is what PyTorch does; second derivatives are those of differences.
"""

import re

import pytest

from chainrule.learning.practice import generate, grade_exercise
from chainrule.learning.practice.exercise_kinds import FURTHER_KINDS, kind_of
from chainrule.learning.practice.exercises import LEVELS, _drawn
from chainrule.learning.practice.formula_exercises import SKILLS_OF_FORMULAS
from chainrule.learning.practice.numbers_at_points import second_slope, slope
from chainrule.learning.skills import SKILLS
from chainrule.records.message import Message

EACH = [
    (skill, level, turn)
    for (skill, level), kinds in FURTHER_KINDS.items()
    for turn in range(1, 1 + len(kinds))
]


def seeds(skill: str, level: int, turn: int, count: int) -> list[int]:
    """The first seeds at which it is a kind's turn."""
    kinds = 1 + len(FURTHER_KINDS[skill, level])
    return [turn + kinds * i for i in range(count)]


def test_consecutive_seeds_take_turns() -> None:
    assert [kind_of("descent-step", 5, seed) for seed in range(4)] == [
        None,
        *FURTHER_KINDS["descent-step", 5],
        None,
    ]
    assert kind_of("power-rule", 1, 7) is None


@pytest.mark.parametrize("skill", [each for each in SKILLS if each not in SKILLS_OF_FORMULAS])
def test_a_skill_has_several_kinds_on_several_levels(skill: str) -> None:
    asked: dict[str, set[int]] = {}
    for level in LEVELS:
        for seed in range(6):
            question = generate(skill, level, seed).question
            assert isinstance(question, Message)
            asked.setdefault(question.template, set()).add(level)
    assert len(asked) >= 3
    assert len({min(levels) for levels in asked.values()}) >= 3


@pytest.mark.parametrize(("skill", "level", "turn"), EACH)
def test_right_and_known_wrong_answers(skill: str, level: int, turn: int) -> None:
    for seed in seeds(skill, level, turn, 3):
        exercise, draft = generate(skill, level, seed), _drawn(skill, level, seed)
        if exercise.kind == "derivative":
            continue
        assert draft.truth is not None
        assert draft.idea
        assert len(draft.steps) == 2
        typed = str(int(draft.truth)) if exercise.kind == "choice" else repr(draft.truth)
        assert grade_exercise(exercise, typed).correct
        values = [each.value for each in draft.mistakes]
        for each in draft.mistakes:
            if sum(abs(each.value - other) < 1e-9 for other in values) > 1:
                continue
            typed = str(int(each.value)) if exercise.kind == "choice" else repr(each.value)
            found = grade_exercise(exercise, typed)
            assert [one.mutation for one in found.diagnoses] == [each.id]


@pytest.mark.parametrize("level", LEVELS)
def test_grad_is_what_pytorch_leaves(level: int) -> None:
    torch = pytest.importorskip("torch")
    for seed in range(6):
        exercise, draft = generate("pytorch-grad", level, seed), _drawn("pytorch-grad", level, seed)
        *lines, asked = re.findall(r"`([^`]*)`", exercise.question)
        if "w is" in exercise.question or "What is w?" in exercise.question:
            lines, asked = [*lines, asked], "w"
        names: dict[str, object] = {"torch": torch}
        for line in lines:
            if line.startswith("optimizer"):
                names["optimizer"] = torch.optim.SGD([names["x"]], lr=0.0)
            exec(line, names)
        assert draft.truth is not None
        assert eval(asked, names).item() == pytest.approx(draft.truth, rel=1e-5)


@pytest.mark.parametrize(("one", "other"), [("x", "x"), ("x", "y"), ("y", "y")])
def test_second_derivatives_are_those_of_differences(one: str, other: str) -> None:
    formula, at, h = "3x^2 y^3 + x^3 - 2y^2", {"x": 1.5, "y": -0.7}, 1e-5
    ahead, behind = ({**at, other: at[other] + step} for step in (h, -h))
    difference = (slope(formula, one, ahead) - slope(formula, one, behind)) / (2 * h)
    assert second_slope(formula, one, other, at) == pytest.approx(difference, rel=1e-6)


def test_the_slope_of_a_curve_is_asked_for_and_its_mistakes_are_named() -> None:
    exercise = generate("paths-add", 4, 2)
    assert exercise.question.startswith("On the curve `")
    equation = re.fullmatch(r"(\d*)x\^2 \+ (\d)y\^(\d) = \d+", exercise.formula)
    assert equation is not None
    a, b, n = (int(each or 1) for each in equation.groups())
    right = f"{2 * a}x/({b * n}y^{n - 1})"
    assert grade_exercise(exercise, f"-{right}").correct
    assert [each.mutation for each in grade_exercise(exercise, right).diagnoses] == [
        "sign-of-whole"
    ]
