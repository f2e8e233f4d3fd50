"""The shortest way through the lessons, from where a learner stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.learning.skills import SKILLS

from .finder import Found, needed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One lesson of the way.

    Attributes:
        lesson: Its id.
        skills: Ids of what is missing that it teaches.
        minutes: How long it takes.
    """

    lesson: str
    skills: tuple[str, ...]
    minutes: int


def way(found: Found, minutes: Mapping[str, int], goal: str | None = None) -> tuple[Stage, ...]:
    """The lessons to take, each after those that it needs, the wall's first.

    Args:
        found: Where the learner stands.
        minutes: How long each lesson takes, by id; a lesson that is not in it is left out.
        goal: Id of the skill that is wanted; all of the course without it.
    """
    wanted = needed_for(goal or found.goal)
    # The wall's prerequisites are there, so nothing that is missing has to come before it.
    missing = sorted(found.missing, key=lambda each: each != found.wall)
    if found.wall is not None and found.wall not in missing:
        missing.insert(0, found.wall)
    skills: dict[str, list[str]] = {}
    for each in filter(wanted.__contains__, missing):
        skills.setdefault(SKILLS[each].lesson, []).append(each)
    return tuple(
        Stage(lesson=lesson, skills=tuple(taught), minutes=minutes[lesson])
        for lesson, taught in skills.items()
        if lesson in minutes
    )


def minutes_to(goal: str, minutes: Mapping[str, int]) -> int:
    """How long the lessons to a goal take somebody who knows nothing yet.

    Args:
        goal: Id of a skill.
        minutes: How long each lesson takes, by id.
    """
    lessons = {SKILLS[each].lesson for each in needed_for(goal)}
    return sum(minutes[each] for each in lessons if each in minutes)
