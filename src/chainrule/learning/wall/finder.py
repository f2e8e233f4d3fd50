"""The wall finder as a function of the answers so far: a page or a terminal keeps only those."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chainrule.learning.practice import exercise_from_id, generate
from chainrule.learning.skills import SKILLS
from chainrule.records import Exercise, Grade

from .knowledge import Knowledge, guess_of, nothing_known
from .questions import MOST_OF_ONE_SKILL, most_telling

MOST_QUESTIONS = 15
"""What a beginner is asked at most before hearing something."""

FEWEST_QUESTIONS = 4
"""Three answers with two slips among them would send one learner in 36 the wrong way."""

SURE = 0.9
"""Stop when this sure of the wall: more questions change the sentence for one learner in ten."""

LEVEL = 2
"""Of the exercises: level 1 is solved by a pattern, above 2 other skills come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with what its answer was found to be.

    Attributes:
        exercise: Its id.
        correct: Whether it was right.
        mistake_in: Id of the skill that the mistake belongs to, if another than the exercise's.
    """

    exercise: str
    correct: bool
    mistake_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where the learner stands.

    Attributes:
        wall: Id of the skill that is missing though everything before it is there; None if nothing
            is missing.
        sure: The probability of that.
        known: Ids of skills that are there, each with more than `SURE`.
        missing: Ids of skills that are more likely missing than not, in the order of the graph.
        questions: How many were answered.
        goal: Id of the skill that the learner wants; None for all of the course. With one, `wall`
            and `missing` are of what it needs.
    """

    wall: str | None
    sure: float
    known: tuple[str, ...]
    missing: tuple[str, ...]
    questions: int
    goal: str | None = None


def answered(exercise: Exercise, grade: Grade) -> Answered:
    """What an answer tells, from its grade.

    A mistake that belongs to a rule tells about the skill of that rule: who forgets the inner
    derivative in a sum of paths has shown nothing about paths.
    """
    skills = {_skill_of_rule().get(each.rule) for each in grade.diagnoses}
    named = skills.pop() if len(skills) == 1 and grade.question is None else None
    elsewhere = named if named in _before(exercise.skill) else None
    return Answered(exercise=exercise.id, correct=grade.correct, mistake_in=elsewhere)


def knowledge_from(answers: Sequence[Answered]) -> Knowledge:
    """The belief after all answers.

    Raises:
        ValueError: If an answer is to no exercise that there is.
    """
    knowledge = nothing_known()
    for each in answers:
        exercise = exercise_from_id(each.exercise)
        skill = each.mistake_in if each.mistake_in and not each.correct else exercise.skill
        knowledge = knowledge.after(skill, each.correct, guess_of(len(exercise.choices)))
    return knowledge


def next_question(
    answers: Sequence[Answered], seed: int, goal: str | None = None
) -> Exercise | None:
    """The question that tells most, or None when it is enough.

    Args:
        answers: All so far, in any order.
        seed: Of the session: another seed has other exercises on the same skills.
        goal: Id of the skill that is wanted: nothing is asked that it does not need.
    """
    count = len(answers)
    if count >= MOST_QUESTIONS:
        return None
    knowledge = knowledge_from(answers)
    if count >= FEWEST_QUESTIONS and found(answers, knowledge, goal).sure >= SURE:
        return None
    asked = Counter(exercise_from_id(each.exercise).skill for each in answers)
    open_to_ask = [
        each for each in SKILLS if each in needed_for(goal) and asked[each] < MOST_OF_ONE_SKILL
    ]
    if not open_to_ask:
        return None
    exercises = {skill: generate(skill, LEVEL, seed + asked[skill]) for skill in open_to_ask}
    guesses = {skill: guess_of(len(each.choices)) for skill, each in exercises.items()}
    return exercises[most_telling(knowledge, guesses)]


def found(
    answers: Sequence[Answered], knowledge: Knowledge | None = None, goal: str | None = None
) -> Found:
    """Where the learner most likely stands, after these answers.

    Args:
        answers: All of them.
        knowledge: The belief after them, if it is known already.
        goal: Id of the skill that is wanted; all of the course without it.
    """
    belief = knowledge or knowledge_from(answers)
    wanted = needed_for(goal)
    walls = {skill: belief.wall_at(skill) for skill in SKILLS if skill in wanted}
    wall = max(walls, key=walls.__getitem__)
    # who has a skill has all before it
    all_there = belief.everything() if goal is None else belief.of_skill(goal)
    nothing_missing = all_there >= walls[wall]
    return Found(
        wall=None if nothing_missing else wall,
        sure=all_there if nothing_missing else walls[wall],
        known=tuple(each for each in SKILLS if belief.of_skill(each) > SURE),
        missing=tuple(each for each in SKILLS if each in wanted and belief.of_skill(each) < 0.5),
        questions=len(answers),
        goal=goal,
    )


def needed_for(goal: str | None) -> frozenset[str]:
    """A skill and all that come before it; all skills for None.

    Raises:
        ValueError: If there is no such skill; a sentence.
    """
    if goal is None:
        return frozenset(SKILLS)
    if goal not in SKILLS:
        raise ValueError(f"Expected a skill ({', '.join(SKILLS)}), found {goal!r}.")
    return _before(goal) | {goal}


@lru_cache(maxsize=1)
def _skill_of_rule() -> dict[str, str]:
    """The first skill that rests on a rule."""
    by_rule: dict[str, str] = {}
    for skill in SKILLS.values():
        for rule in skill.rules:
            by_rule.setdefault(rule, skill.id)
    return by_rule


@lru_cache(maxsize=32)
def _before(skill: str) -> frozenset[str]:
    """All skills that come before one, however far."""
    direct = SKILLS[skill].prerequisites
    return frozenset(direct).union(*(_before(each) for each in direct))
