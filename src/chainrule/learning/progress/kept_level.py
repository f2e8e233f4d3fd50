"""The level at which a learner goes on with a skill, from the answers that were kept."""

from collections.abc import Sequence

from chainrule.learning.practice import exercise_from_id
from chainrule.learning.practice.exercises import LEVELS
from chainrule.learning.practice.levels import level_after

from .file import Kept


def kept_level(answers: Sequence[Kept], skill: str) -> int:
    """The level that follows from how the last exercise on a skill went; 1 if there was none.

    Args:
        answers: All that were kept, the oldest first.
        skill: Id of the skill; exercises of lessons have no level, and say nothing.
    """
    last = next((each for each in reversed(answers) if each.exercise.startswith(f"{skill}.")), None)
    if last is None:
        return LEVELS[0]
    try:
        level = exercise_from_id(last.exercise).level
    except ValueError:  # of a version that had other exercises
        return LEVELS[0]
    of_it = [each for each in answers if each.exercise == last.exercise]
    at_once = len(of_it) == 1 and last.correct and last.hints == 0
    return level_after(level, solved=last.correct, at_once=at_once)
