"""A goal: nothing is asked or taught that it does not need, and a long way names a nearer stop."""

import pytest

from chainrule.learning.course.course import outlines
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import Answered, Found, found, nearest_stop, next_question, sentence
from chainrule.learning.wall import way as way_of
from chainrule.learning.wall.finder import needed_for
from chainrule.learning.wall.goals import STOPS

MINUTES = {each.id: each.minutes for each in outlines()}


def asked(goal: str | None, knows: frozenset[str], seed: int = 1) -> tuple[Found, list[str]]:
    answers: list[Answered] = []
    while (exercise := next_question(answers, seed, goal)) is not None:
        answers.append(Answered(exercise=exercise.id, correct=exercise.skill in knows))
    return found(answers, goal=goal), [each.exercise.partition(".")[0] for each in answers]


@pytest.mark.parametrize("goal", ["chain-rule", "descent-step", "rate-of-change"])
def test_with_a_goal_only_what_it_needs_is_asked_and_taught(goal: str) -> None:
    said, skills = asked(goal, frozenset())
    assert {*skills} <= needed_for(goal)
    assert said.wall == "rate-of-change"
    stages = way_of(said, MINUTES)
    assert {each for stage in stages for each in stage.skills} <= needed_for(goal)
    whole = way_of(asked(None, frozenset())[0], MINUTES)
    assert sum(each.minutes for each in stages) < sum(each.minutes for each in whole)


def test_who_can_do_the_goal_hears_so_though_more_is_missing() -> None:
    said, _ = asked("chain-rule", needed_for("chain-rule"))
    assert (said.wall, said.missing) == (None, ())
    assert sentence(said).startswith("Nothing is in your way to chain rule:")


def test_a_long_way_names_the_nearest_useful_stop() -> None:
    said, _ = asked(None, frozenset())
    total = sum(each.minutes for each in way_of(said, MINUTES))
    stop = nearest_stop(said, MINUTES)
    assert stop is not None
    assert stop.skill in STOPS
    assert stop.minutes < total
    assert stop.minutes == sum(each.minutes for each in way_of(said, MINUTES, goal=stop.skill))
    others = [sum(e.minutes for e in way_of(said, MINUTES, goal=each)) for each in STOPS]
    assert stop.minutes == min(others)
    assert f"it is {stop.minutes} minutes" in stop.sentence
    assert SKILLS[stop.skill].name in stop.sentence


def test_who_misses_one_thing_hears_of_no_stop() -> None:
    said, _ = asked(None, frozenset(SKILLS) - {"softmax-cross-entropy"})
    assert said.wall == "softmax-cross-entropy"
    assert nearest_stop(said, MINUTES) is None


def test_a_goal_that_there_is_not_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="Expected a skill"):
        needed_for("long-division")
