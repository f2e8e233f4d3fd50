"""How often the wall finder names the wall: simulated learners, one for each state of knowledge.

`python -m benchmarks.walls` prints the table that `docs/wall.md` shows. A simulated learner has
exactly the skills of a state; answers rightly but for slips where the skill is there, wrongly but
for lucky guesses where it is not. A wall is named rightly if it is missing and everything before it
is there: most learners have several such skills, and any of them is a place to begin.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.learning.practice import exercise_from_id
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import Answered, found, next_question
from chainrule.learning.wall.knowledge import SLIP, guess_of
from chainrule.learning.wall.states import ready, states

SLIPS = (0.0, SLIP, 2 * SLIP)
"""None, as the model assumes, and a learner who is twice as careless as it assumes."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A simulated learner.

    Attributes:
        skills: Ids of the skills that are there.
        walls: Ids of those that are missing with everything before them there.
    """

    skills: frozenset[str]
    walls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the finder said of one learner."""

    right: bool
    questions: int
    sure: float


def learners() -> Iterator[Learner]:
    """One for each state of knowledge."""
    names = [*SKILLS]
    for state, can in zip(states(), ready(), strict=True):
        yield Learner(
            frozenset(name for name, there in zip(names, state, strict=True) if there),
            frozenset(
                name
                for name, there, could in zip(names, state, can, strict=True)
                if could and not there
            ),
        )


def outcome(learner: Learner, seed: int, slip: float) -> Outcome:
    """Ask a simulated learner until it is enough."""
    source = random.Random(f"{sorted(learner.skills)} {seed} {slip}")
    answers: list[Answered] = []
    while (exercise := next_question(answers, seed)) is not None:
        guess = guess_of(len(exercise_from_id(exercise.id).choices))
        chance = 1.0 - slip if exercise.skill in learner.skills else guess
        answers.append(Answered(exercise=exercise.id, correct=source.random() < chance))
    said = found(answers)
    right = said.wall in learner.walls if said.wall else not learner.walls
    return Outcome(right, len(answers), said.sure)


def main() -> None:
    """Print the table."""
    print("| slips | learners | wall named rightly | questions, median | questions, most |")
    print("|---|---|---|---|---|")
    for slip in SLIPS:
        outcomes = [outcome(each, 0, slip) for each in learners()]
        counts = Counter(each.questions for each in outcomes)
        median = sorted(counts.elements())[len(outcomes) // 2]
        right = sum(each.right for each in outcomes) / len(outcomes)
        print(f"| {slip:.0%} | {len(outcomes)} | {right:.0%} | {median} | {max(counts)} |")


if __name__ == "__main__":
    main()
