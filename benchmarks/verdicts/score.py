"""Counting outcomes: recall, roots, false alarms, by fault, by half and by baseline."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Score:
    """How a set of outcomes was judged.

    Attributes:
        faulty: Faulty programs.
        found: Those in which the fault is named with the severity that it needs.
        rooted: Those in which it is named first.
        sound: Fixed and healthy programs.
        alarms: Those in which something is named, as a warning or an error.
        placed: Faulty programs in which the place is right.
        places: Faulty programs that have a place described.
        detected_after: In how many steps each fault that is named first came to be so, ascending.
    """

    faulty: int
    found: int
    rooted: int
    sound: int
    alarms: int
    placed: int = 0
    places: int = 0
    detected_after: tuple[int, ...] = ()

    @property
    def recall(self) -> float:
        """Share of faulty programs whose fault is named."""
        return self.found / self.faulty if self.faulty else math.nan

    @property
    def root(self) -> float:
        """Share of faulty programs whose fault is named first."""
        return self.rooted / self.faulty if self.faulty else math.nan


def score(outcomes: Iterable[Outcome]) -> Score:
    """How chainrule judged them."""
    outcomes = list(outcomes)
    faulty = [o for o in outcomes if o.variant == "faulty"]
    sound = [o for o in outcomes if o.variant != "faulty"]
    placed = [o.place_right for o in faulty if o.place_right is not None]
    return Score(
        faulty=len(faulty),
        found=sum(o.found for o in faulty),
        rooted=sum(o.root_right for o in faulty),
        sound=len(sound),
        alarms=sum(bool(o.alarms) for o in sound),
        placed=sum(placed),
        places=len(placed),
        detected_after=_detected("chainrule", faulty),
    )


def score_baseline(name: str, outcomes: Iterable[Outcome]) -> Score:
    """How a baseline judged them: anything said of a faulty program counts as found."""
    seen = [o for o in outcomes if name in o.baselines]
    faulty = [o for o in seen if o.variant == "faulty"]
    sound = [o for o in seen if o.variant != "faulty"]
    return Score(
        faulty=len(faulty),
        found=sum(bool(o.baselines[name].symptoms) for o in faulty),
        rooted=sum(o.blames(name) for o in faulty),
        sound=len(sound),
        alarms=sum(bool(o.baselines[name].symptoms) for o in sound),
        detected_after=_detected(name, faulty),
    )


def _detected(by: str, outcomes: Iterable[Outcome]) -> tuple[int, ...]:
    return tuple(sorted(o.detected_after[by] for o in outcomes if by in o.detected_after))


def by_fault(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by the folder of their program: the fault, or `healthy`."""
    return _grouped(outcomes, lambda o: o.program.name.partition("/")[0].replace("_", "-"))


def by_program(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes of all variants and seeds by the name of their program."""
    return _grouped(outcomes, lambda o: o.program.name)


def by_half(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by half, the tuning half first."""
    halves = _grouped(outcomes, lambda o: o.program.half)
    return {half: halves.get(half, []) for half in ("tuning", "held out")}


def _grouped(
    outcomes: Sequence[Outcome], key: Callable[[Outcome], str]
) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return dict(sorted(groups.items()))
