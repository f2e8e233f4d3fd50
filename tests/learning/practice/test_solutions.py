"""Worked solutions derive all that is asked for, and end in what is graded as right."""

import pytest

from chainrule.calculus import Derivation, write
from chainrule.calculus.gradient import Gradient
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation
from chainrule.learning.practice import generate, grade_exercise, worked
from chainrule.learning.practice.exercises import LEVELS
from chainrule.learning.skills import SKILLS


@pytest.mark.parametrize("skill", SKILLS)
def test_the_solution_of_an_exercise_is_its_answer(skill: str) -> None:
    for level in LEVELS:
        for seed in range(3):
            exercise = generate(skill, level, seed)
            match worked(exercise):
                case Derivation() as found:
                    answer = write(found.tidy)
                case Gradient() as found:
                    answer = f"({', '.join(write(each.tidy) for each in found.partials)})"
                case ImplicitDerivation() as found:
                    answer = write(found.factored)
                case MatrixDerivation() as found:
                    answer = write(found.gradient)
                case steps:
                    assert steps
                    assert all(step[-1] in ".!?" for step in steps)
                    continue
            assert grade_exercise(exercise, answer).correct


def test_of_a_gradient_every_entry_is_derived() -> None:
    found = worked(generate("gradient", 1, 0))
    assert isinstance(found, Gradient)
    assert found.variables == ("x", "y")


def test_an_equation_is_solved_for_its_slope() -> None:
    found = worked(generate("paths-add", 4, 2))
    assert isinstance(found, ImplicitDerivation)
    assert found.steps[-1].rule == "divide"
