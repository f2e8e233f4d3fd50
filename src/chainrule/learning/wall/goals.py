"""Shorter goals: where one may stop on the way and has something that is of use by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.learning.skills import SKILLS
from chainrule.records.message import Message

from .finder import Found
from .way import way

STOPS = ("chain-rule", "descent-step", "backpropagation", "pytorch-grad")
"""Skills to stop at: with the first one differentiates any formula, with the second one trains by
hand, with the third one knows what backward() does, with the last one what it leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A nearer goal.

    Attributes:
        skill: Its id.
        minutes: Of the lessons up to it.
    """

    skill: str
    minutes: int

    @property
    def sentence(self) -> Message:
        """What to say of it."""
        return Message(
            "You need not go all of it at once: up to {skill} it is {minutes} minutes.",
            skill=Message(SKILLS[self.skill].name),
            minutes=self.minutes,
        )


def nearest_stop(found: Found, minutes: Mapping[str, int]) -> Stop | None:
    """The nearest useful stop on the way; None if none is nearer than its end.

    Args:
        found: Where the learner stands.
        minutes: How long each lesson takes, by id.
    """
    whole = sum(each.minutes for each in way(found, minutes))
    stops = [
        Stop(skill=skill, minutes=sum(each.minutes for each in way(found, minutes, goal=skill)))
        for skill in STOPS
        if skill in found.missing
    ]
    nearer = [each for each in stops if 0 < each.minutes < whole]
    # of two at the same distance the later one has more in it
    return min(reversed(nearer), key=lambda each: each.minutes, default=None)
