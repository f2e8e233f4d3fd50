"""What is believed of a learner: a probability for each state of knowledge, by Bayes' rule.

The model is the basic local independence model (Falmagne & Doignon, "A class of stochastic
procedures for the assessment of knowledge", Br. J. Math. Stat. Psychol. 41, 1988): who has a skill
answers a question on it rightly but for a slip, who lacks it answers wrongly but for a lucky guess,
and given the state the answers are independent:

    P(K | answers) ∝ P(K) · Π P(answer | skill ∈ K)

It is knowledge tracing (Corbett & Anderson 1995) without learning in between, which fifteen
questions without feedback do not give, and with the graph of skills, which knowledge tracing lacks.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chainrule.learning.skills import SKILLS

from .states import ready, states

SLIP = 0.1
"""P(wrong | the skill is there). The bound that Corbett & Anderson (1995) put on it, so that a
skill which is there never looks absent; a learner who slips more often is asked on."""

GUESS_A_FORMULA = 0.05
"""P(right | the skill is not there) of an answer that is typed: a formula is not met by chance, but
an easy exercise may be solved by a pattern that is remembered. Of a choice among n it is 1/n."""

LARGEST_GUESS = 0.5
"""Of a choice among two."""

HAVING_THE_NEXT = 0.88
"""P(a skill is there | its prerequisites are): with it somebody of whom nothing is known has half
of the skills on average, 9.9 of 21 (`tests/learning/wall` computes it)."""

_PLACE = {id: i for i, id in enumerate(SKILLS)}


@dataclass(frozen=True, eq=False)
class Knowledge:
    """A belief about a learner.

    Attributes:
        probabilities: Of each state, in the order of `states()`; they add up to 1.
    """

    probabilities: NDArray[np.float64]

    def of_skill(self, skill: str) -> float:
        """The probability that the learner has a skill."""
        return float(self.probabilities[states()[:, _PLACE[skill]]].sum())

    def wall_at(self, skill: str) -> float:
        """The probability that a skill is missing though everything before it is there."""
        column = _PLACE[skill]
        return float(self.probabilities[ready()[:, column] & ~states()[:, column]].sum())

    def everything(self) -> float:
        """The probability that no skill is missing."""
        return float(self.probabilities[states().all(axis=1)].sum())

    def entropy(self) -> float:
        """How much is not known, −Σ p log₂ p, in bits."""
        return entropy(self.probabilities)

    def after(self, skill: str, correct: bool, guess: float = GUESS_A_FORMULA) -> "Knowledge":
        """The belief after an answer.

        Args:
            skill: Which one the answer told something about.
            correct: Whether it was right.
            guess: P(right | the skill is not there).

        Raises:
            ValueError: If there is no such skill, or the guess is not between 0 and 1.
        """
        if skill not in _PLACE:
            raise ValueError(f"Expected a skill ({', '.join(SKILLS)}), found {skill!r}.")
        if not 0.0 < guess <= LARGEST_GUESS:
            raise ValueError(f"Expected a guess above 0 and at most {LARGEST_GUESS}, got {guess}.")
        right = np.where(states()[:, _PLACE[skill]], 1.0 - SLIP, guess)
        likelihood = right if correct else 1.0 - right
        weighted = self.probabilities * likelihood
        return Knowledge(weighted / weighted.sum())


@lru_cache(maxsize=1)
def nothing_known() -> Knowledge:
    """The belief before the first answer: each skill is there with `HAVING_THE_NEXT`, if it can."""
    there = np.where(states(), HAVING_THE_NEXT, 1.0 - HAVING_THE_NEXT)
    return Knowledge(np.where(ready(), there, 1.0).prod(axis=1))


def guess_of(choices: int) -> float:
    """P(right | the skill is not there) of an exercise with that many choices; 0 for none."""
    return min(1.0 / choices, LARGEST_GUESS) if choices else GUESS_A_FORMULA


def entropy(probabilities: NDArray[np.float64]) -> float:
    """−Σ p log₂ p in bits."""
    there = probabilities[probabilities > 0.0]
    return float(-(there * np.log(there)).sum() / math.log(2.0))
