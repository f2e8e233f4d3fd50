"""What is believed of a learner from the answers that were kept."""

from collections.abc import Callable, Sequence

from chainrule.learning.progress import Kept
from chainrule.learning.skills import SKILLS

from .knowledge import Knowledge, guess_of, nothing_known
from .questions import MOST_OF_ONE_SKILL


def kept_knowledge(answers: Sequence[Kept], choices_of: Callable[[str], int]) -> Knowledge:
    """The belief after the last exercises of each skill, by the first answer to each of them.

    The model knows of no learning, so what is long ago is left out: of each skill the last
    exercises count, as many as the wall finder asks. A right answer after a hint counts as the
    wall finder counts "I do not know".

    Args:
        answers: All that were kept, the oldest first.
        choices_of: How many choices an exercise has, by its id; 0 where the answer is typed.
    """
    first: dict[str, Kept] = {}
    for each in answers:
        first.setdefault(each.exercise, each)
    knowledge = nothing_known()
    for skill in SKILLS:
        shown = [each for each in first.values() if each.skill == skill]
        for each in shown[-MOST_OF_ONE_SKILL:]:
            unaided = each.correct and each.hints == 0
            knowledge = knowledge.after(skill, unaided, guess_of(choices_of(each.exercise)))
    return knowledge
