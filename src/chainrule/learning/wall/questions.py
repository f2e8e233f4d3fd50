"""Which question tells most about a learner."""

from collections.abc import Mapping

from .knowledge import SLIP, Knowledge

MOST_OF_ONE_SKILL = 3
"""Two that disagree are settled by a third; more of the same tires before it tells anything."""


def expected_information(knowledge: Knowledge, skill: str, guess: float) -> float:
    """How many bits the answer to a question is expected to tell, H(K) − E[H(K | answer)].

    Args:
        knowledge: What is believed now.
        skill: What the question is about.
        guess: P(right | the skill is not there).
    """
    there = knowledge.of_skill(skill)
    right = there * (1.0 - SLIP) + (1.0 - there) * guess
    left = sum(
        chance * knowledge.after(skill, correct, guess).entropy()
        for correct, chance in ((True, right), (False, 1.0 - right))
        if chance > 0.0
    )
    return knowledge.entropy() - left


def most_telling(knowledge: Knowledge, guesses: Mapping[str, float]) -> str:
    """The skill to ask about next.

    Args:
        knowledge: What is believed now.
        guesses: P(right | the skill is not there) of the next exercise of each skill that is open
            to ask.
    """
    return max(guesses, key=lambda each: expected_information(knowledge, each, guesses[each]))
