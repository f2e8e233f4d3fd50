"""Exercises by skill, level and seed; an id alone brings one back."""

import random
import re
from functools import lru_cache

from chainrule.calculus import FormulaError
from chainrule.calculus.read_problem import read_problem
from chainrule.learning.skills import SKILLS
from chainrule.records.exercise import Exercise, Grade
from chainrule.records.message import Message

from .answers import read_answer
from .asked import read_asked
from .choice_exercises import CHOICES
from .curve_asked import read_curve
from .curve_points import curve_table
from .drafts import Draft
from .exercise_kinds import NUMBERS, kind_of
from .formula_exercises import SKILLS_OF_FORMULAS, formula_draft
from .grading import grade
from .matrix_asked import is_of_matrices, read_matrix
from .values import close_to

LEVELS = range(1, 6)
"""1 is one step with small numbers, 5 the last problem of a chapter."""

TRIES = 40
"""Draws until an exercise is not degenerate; one in three is the worst that was met."""

SMALLEST = 1e-3
"""Of a number that is asked for: smaller ones are typed as 0."""


def generate(skill: str, level: int, seed: int) -> Exercise:
    """An exercise, always the same for the same arguments.

    Args:
        skill: Id of a skill.
        level: 1 to 5.
        seed: Any whole number that is not negative.

    Raises:
        ValueError: If there is no such skill or level; a sentence.
    """
    draft = _drawn(skill, level, seed)
    return Exercise(
        id=f"{skill}.{level}.{seed}",
        kind=draft.kind,
        skill=skill,
        level=level,
        question=draft.question,
        formula=draft.formula,
        wrt=draft.wrt,
        at=draft.at,
        choices=draft.choices,
    )


_ID = re.compile(r"(?P<skill>[a-z-]+)\.(?P<level>\d)\.(?P<seed>\d{1,18})\Z")


def exercise_from_id(id: str) -> Exercise:
    """The exercise with an id that `generate` gave.

    Raises:
        ValueError: If no exercise has this id; a sentence.
    """
    found = _ID.match(id)
    if found is None:
        raise ValueError(f"Expected the id of an exercise such as chain-rule.2.17, found {id!r}.")
    return generate(found["skill"], int(found["level"]), int(found["seed"]))


def grade_exercise(exercise: Exercise, answer: str, *, reply: str | None = None) -> Grade:
    """Grade an answer to an exercise.

    Args:
        exercise: As generated; of "value" and "choice" its id says what the answer is.
        answer: A formula, a number, or the index of a choice (or its text).
        reply: As for `grade`.

    Raises:
        FormulaError: If the answer cannot be read.
        ValueError: If the exercise is not one that was generated; a sentence.
    """
    if exercise.kind == "derivative":
        at = dict(exercise.at) or None
        return grade(exercise.formula, exercise.wrt, answer, at, reply=reply)
    draft = draft_of(exercise)
    if exercise.kind == "choice":
        return _chosen(draft, answer)
    return _number(draft, answer)


def draft_of(exercise: Exercise) -> Draft:
    """What a generated exercise was made from, with its answer and its known mistakes.

    Raises:
        ValueError: If the exercise is not one that was generated; a sentence.
    """
    found = _ID.match(exercise.id)
    if found is None:
        raise ValueError(
            f"Expected an exercise that was generated, found {exercise.id!r}: whoever wrote it "
            "knows its answer."
        )
    return _drawn(found["skill"], int(found["level"]), int(found["seed"]))


@lru_cache(maxsize=256)
def _drawn(skill: str, level: int, seed: int) -> Draft:
    if skill not in SKILLS:
        raise ValueError(f"Expected a skill ({', '.join(SKILLS)}), found {skill!r}.")
    if level not in LEVELS:
        raise ValueError(f"Expected a level from 1 to 5, found {level}.")
    source = random.Random(f"{skill} {level} {seed}")
    for _ in range(TRIES):
        draft = _draft(skill, level, seed, source)
        if _is_sound(draft):
            return draft
    raise AssertionError(f"no sound exercise for {skill} {level} {seed}")


def _draft(skill: str, level: int, seed: int, source: random.Random) -> Draft:
    further = kind_of(skill, level, seed)
    if further is not None:
        return further(source)
    if skill in SKILLS_OF_FORMULAS:
        return formula_draft(skill, level, source)
    return (CHOICES.get(skill) or NUMBERS[skill])(source, level)


def _is_sound(draft: Draft) -> bool:
    """Whether it has an answer that is not 0 and that no known mistake gives as well."""
    if draft.kind == "choice":
        return len({*draft.choices}) == len(draft.choices)
    if draft.kind == "value":
        right = draft.truth
        assert right is not None
        return SMALLEST <= abs(right) < 1e5 and all(
            abs(each.value - right) > 1e-6 for each in draft.mistakes
        )
    problem = read_problem(draft.formula)
    if problem.equation is not None:
        return curve_table(read_curve(problem, draft.wrt)) is not None
    if is_of_matrices(problem):
        return all(abs(each).max() > SMALLEST for each in read_matrix(problem, draft.wrt).right)
    for asked in read_asked(draft.formula, draft.wrt):
        table = asked.table()
        if table is None or not abs(table(asked.derivative)).max() > SMALLEST:
            return False
    return True


def _chosen(draft: Draft, answer: str) -> Grade:
    text = answer.strip()
    if text.isdecimal() and int(text) < len(draft.choices):
        index = int(text)
    elif text in draft.choices:
        index = draft.choices.index(text)
    else:
        raise FormulaError(
            Message(
                "Expected the number of a choice from {first} to {last}, found {found!r}.",
                first=0,
                last=len(draft.choices) - 1,
                found=answer,
            )
        )
    if index == draft.truth:
        return Grade(correct=True, how="exact")
    return Grade(
        correct=False,
        diagnoses=tuple(each.diagnosis() for each in draft.mistakes if each.value == index),
        how="exact",
    )


def _number(draft: Draft, answer: str) -> Grade:
    from chainrule.calculus import Evaluation

    assert draft.truth is not None
    read = read_answer(answer, [name for name, _ in draft.at], count=1)
    if len(read.entries) != 1:
        raise FormulaError(
            Message("Expected one number, found {count}.", count=len(read.entries)), answer
        )
    value = Evaluation(dict(draft.at), answer)(read.entries[0].root)
    typed = read.written
    if close_to(value, draft.truth, typed):
        return Grade(correct=True)
    fits = [each for each in draft.mistakes if close_to(value, each.value, typed)]
    return Grade(
        correct=False,
        diagnoses=tuple(each.diagnosis() for each in fits) if len(fits) == 1 else (),
    )
