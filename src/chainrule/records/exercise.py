"""Exercises, what a learner's answer was found to be, and hints."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["derivative", "value", "choice"]
"""What answers it: a formula (or a list of them, for a gradient), a number, one of the choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One task for a learner. Its answer is not in it, so that a page can send it as it is.

    Attributes:
        id: Whoever has it has the exercise: `learning.practice.exercise_from_id`.
        kind: What answers it.
        skill: Id of the skill that it trains.
        level: From 1, one step, to 5.
        question: What is asked, in a sentence or two; formulas stand in backticks.
        formula: What is differentiated; empty if the question is about no single formula.
        wrt: By which variable; of a gradient all of them, with commas.
        at: Names and their numbers, where the question is about a point.
        choices: The answers to choose from, for "choice"; the answer is an index from 0.
    """

    id: str
    kind: Kind
    skill: str
    level: int
    question: str
    formula: str = ""
    wrt: str = ""
    at: tuple[tuple[str, float], ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A mistake, or a slip, that gives exactly the learner's answer.

    Attributes:
        mutation: Id of the mistake: of a rule's mutation, or of one that is no rule's own. That of
            a slip begins with `slip-`.
        rule: Id of the rule that it was made with; empty if it is no rule's own.
        node: Id of the part of the formula where it was made; −1 for the whole.
        message: What to tell the learner.
    """

    mutation: str
    rule: str
    node: int
    message: str

    @property
    def is_slip(self) -> bool:
        """Whether it only says what differs: it accuses of nothing, and is not to be practised."""
        return self.mutation.startswith("slip-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What an answer was found to be.

    Attributes:
        correct: Whether it says the same as the derivative.
        diagnoses: Mistakes that give this answer. Two of one `question` are alternatives; without
            a question all were made together. Empty if nothing explains the answer.
        question: Asked back if several mistakes give the same answer; what the learner replies
            settles which one it was.
        note: Said of a right answer besides, such as in which layout it is written; mostly None.
        how: "exact" if algebra proves that both sides are equal; "numeric" if values decided.
    """

    correct: bool
    diagnoses: tuple[Diagnosis, ...] = ()
    question: str | None = None
    note: str | None = None
    how: Literal["exact", "numeric"] = "numeric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One hint, from the step where the learner stands.

    Attributes:
        depth: 1 which rule and where; 2 the rule with the parts of this problem; 3 the step worked.
        text: What to show; formulas stand in backticks.
        rule: Id of the rule, empty if no rule is meant.
        node: Id of the part of the formula, −1 for the whole.
    """

    depth: Literal[1, 2, 3]
    text: str
    rule: str = ""
    node: int = -1
