"""What to practise next."""

from collections.abc import Sequence
from datetime import datetime

from chainrule.learning.skills import SKILLS

from .schedule import Due, due_now


def next_skill(cards: Sequence[Due], now: datetime) -> str:
    """What is due the longest; else the first skill that was never practised; else the next due.

    Args:
        cards: Of the learner.
        now: With its time zone.
    """
    due = [each for each in due_now(cards, now) if each.skill in SKILLS]
    if due:
        return due[0].skill
    practised = {each.skill for each in cards}
    for skill in SKILLS:  # each after those before it
        if skill not in practised:
            return skill
    return min((each for each in cards if each.skill in SKILLS), key=lambda each: each.when).skill
