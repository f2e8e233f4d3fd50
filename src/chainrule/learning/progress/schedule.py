"""When to repeat something: FSRS, by its own library.

Ye, Su & Cao, "A stochastic shortest path algorithm for optimizing spaced repetition scheduling",
KDD 2022. The library's default weights are used: they were fitted to other people's reviews of
vocabulary and the like; nobody's reviews of derivatives were there to fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsrs import Scheduler


class Rating(Enum):
    """How a repetition went, with the name that FSRS gives it."""

    again = "Again"
    """The answer was wrong."""
    hard = "Hard"
    """Right in the end, after a hint or a wrong answer."""
    good = "Good"
    """Right at once and without a hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something to be repeated.

    Attributes:
        skill: Id of the skill.
        mistake: Id of the mistake that was made; empty if the card is of the skill as a whole.
        when: From when on.
    """

    skill: str
    mistake: str
    when: datetime


def rating_of(correct: bool, hints: int, tries: int) -> Rating:
    """How a repetition went: wrong; right after help or a wrong answer; right at once."""
    if not correct:
        return Rating.again
    return Rating.good if hints == 0 and tries == 1 else Rating.hard


def reviewed(card: str | None, rating: Rating, when: datetime) -> str:
    """A card after a repetition.

    Args:
        card: As it was, as this function gave it; None for a new one.
        rating: How it went.
        when: With its time zone.
    """
    import fsrs

    before = fsrs.Card(card_id=0) if card is None else fsrs.Card.from_json(card)
    after, _ = _scheduler().review_card(before, fsrs.Rating[rating.value], when)
    return after.to_json()


def due_of(card: str) -> datetime:
    """From when on a card is to be repeated."""
    import fsrs

    return fsrs.Card.from_json(card).due


def due_now(cards: Iterable[Due], now: datetime) -> tuple[Due, ...]:
    """Those whose time has come, the longest overdue first."""
    return tuple(sorted((each for each in cards if each.when <= now), key=lambda each: each.when))


@lru_cache(maxsize=1)
def _scheduler() -> "Scheduler":
    import fsrs

    # Without fuzz: the same answers give the same days, which a learner can be told.
    return fsrs.Scheduler(enable_fuzzing=False)
