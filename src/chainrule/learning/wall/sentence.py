"""What was found, in a sentence to act on."""

from collections.abc import Callable

from chainrule.learning.skills import SKILLS
from chainrule.records.message import Message, as_message, told

from .finder import Found, _before


def sentence(found: Found, translate: Callable[[str], str] = str) -> str:
    """Name what is fine and what the wall is, as "This is fine: notation. This is the wall: …".

    Args:
        found: Where the learner stands.
        translate: Of the templates and the names of skills; English without it.
    """
    if found.wall is None and found.goal is not None:
        return told(
            Message(
                "Nothing is in your way to {goal}: it and all that comes before it is there.",
                goal=Message(SKILLS[found.goal].name),
            ),
            translate,
        )
    if found.wall is None:
        return translate(Message("Nothing is in your way: no skill of the course is missing."))
    wall = as_message(SKILLS[found.wall].name)
    fine = _fine(found)
    if fine is None:
        return told(Message("This is the wall: {wall}.", wall=wall), translate)
    return told(
        Message(
            "This is fine: {fine}. This is the wall: {wall}.",
            fine=as_message(SKILLS[fine].name),
            wall=wall,
        ),
        translate,
    )


def _fine(found: Found) -> str | None:
    """What is worth saying that it is there: notation, the usual suspect; else what is nearest."""
    assert found.wall is not None
    if "notation" in found.known and found.wall != "notation":
        return "notation"
    before = _before(found.wall)
    return next((each for each in reversed(found.known) if each in before), None)
