"""What an exercise is before it has an id."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.calculus.rules import Mutation
from chainrule.records.exercise import Diagnosis, Kind
from chainrule.records.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A wrong number or choice that is known, and what to say to it.

    Attributes:
        id: Of the mistake.
        message: What to tell the learner.
        value: The number, or the index of the choice.
    """

    id: str
    message: str
    value: float

    @classmethod
    def of(cls, mutation: Mutation, value: float, **fields: str) -> "Mistake":
        """A mistake that formulas know as well; the fields are those of its message."""
        message = Message(mutation.message, **fields) if fields else mutation.message
        return cls(id=mutation.id, message=message, value=value)

    def diagnosis(self) -> Diagnosis:
        """As a grade says it."""
        return Diagnosis(mutation=self.id, rule="", node=-1, message=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An exercise with its answer.

    Attributes:
        kind: What answers it.
        question: What is asked.
        formula: What is differentiated.
        wrt: By what.
        at: A point.
        choices: To choose from.
        truth: The number, or the index of the right choice; None where the derivative is asked.
        mistakes: Wrong answers that are known.
        steps: How the answer comes about, for the worked solution. Where there are several, the
            last one has the answer, and the first one does not.
        idea: What to think of first, for the lightest hint.
    """

    kind: Kind
    question: str
    formula: str = ""
    wrt: str = ""
    at: tuple[tuple[str, float], ...] = ()
    choices: tuple[str, ...] = ()
    truth: float | None = None
    mistakes: tuple[Mistake, ...] = ()
    steps: tuple[str, ...] = ()
    idea: str = ""


def chosen(
    source: random.Random,
    question: str,
    right: str,
    wrong: Sequence[tuple[str, str, str]],
    why: str,
    *,
    idea: str = "",
    way: str = "",
) -> Draft:
    """A choice in random order.

    Args:
        source: Of the order.
        question: What is asked.
        right: The right choice.
        wrong: Others: the text, the id of the mistake, what to say to it.
        why: Why the right one is right.
        idea: As for `Draft`.
        way: A step towards the right one that does not name it.
    """
    order = [(right, "", why), *wrong]
    source.shuffle(order)
    truth = next(i for i, each in enumerate(order) if each[0] == right)
    return Draft(
        kind="choice",
        question=question,
        choices=tuple(text for text, _, _ in order),
        truth=truth,
        mistakes=tuple(
            Mistake(id=id, message=message, value=i)
            for i, (_, id, message) in enumerate(order)
            if i != truth
        ),
        steps=(way, why) if way else (why,),
        idea=idea,
    )
