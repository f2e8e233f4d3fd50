"""Which of several explanations it was, asked for by their numbers where no small formula tells."""

from collections.abc import Sequence

from chainrule.calculus import FormulaError
from chainrule.records.exercise import Grade
from chainrule.records.message import Message, joined

from .explanations import Explanation, diagnoses_of


def choice(found: Sequence[Explanation]) -> Message:
    """The question which of them it was."""
    listed = joined(
        [
            Message(
                "({i}) {mistakes}",
                i=i,
                mistakes=joined([cause.mutation.message for cause in each.causes]),
            )
            for i, each in enumerate(found, start=1)
        ]
    )
    return Message("Which of these did you do? Reply with its number. {listed}", listed=listed)


def chosen(found: Sequence[Explanation], reply: str) -> Explanation:
    """The explanation that was replied with.

    Raises:
        FormulaError: If the reply is no number of one.
    """
    if not reply.strip().isdecimal() or not 1 <= int(reply) <= len(found):
        raise FormulaError(
            Message(
                "Expected a number from 1 to {last} as a reply, found {found!r}.",
                last=len(found),
                found=reply,
            )
        )
    return found[int(reply) - 1]


def graded_by_choice(found: Sequence[Explanation], reply: str | None) -> Grade:
    """The grade of a wrong answer with these explanations; of several it is asked which.

    Raises:
        FormulaError: If there is a reply, and it is no number of one.
    """
    if len(found) > 1 and reply is not None:
        found = (chosen(found, reply),)
    ambiguous = len(found) > 1
    return Grade(
        correct=False,
        diagnoses=diagnoses_of(found, ambiguous=ambiguous),
        question=choice(found) if ambiguous else None,
    )
