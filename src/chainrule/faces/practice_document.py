"""A practice session as a JSON document; its schema is `docs/practice.schema.json`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chainrule.records.json_values import Json
from chainrule.records.message import Translate

from .grade_document import grade_document
from .practice import Practised

if TYPE_CHECKING:
    from chainrule.learning.wall import Found, Stage, Stop


def session_document(
    session: Sequence[Practised], kept_in: str | None, say: Translate = str
) -> dict[str, Json]:
    """What was asked and answered, in order, and where it was kept; `say` translates it."""
    return {
        "exercises": [
            {
                "exercise": each.exercise.id,
                "skill": each.exercise.skill,
                "level": each.exercise.level,
                "question": say(each.exercise.question),
                "solved": each.solved,
                "tries": [
                    {"answer": one.answer, "hints": one.hints, **grade_document(one.grade, say)}
                    for one in each.tries
                ],
            }
            for each in session
        ],
        "wall": None,
        "progress": kept_in,
    }


def wall_document(
    sentence: str,
    found: "Found",
    stages: "Sequence[Stage]",
    kept_in: str | None,
    stop: "Stop | None" = None,
    say: Translate = str,
) -> dict[str, Json]:
    """What the wall finder found, the way, and a nearer goal, whose sentence `say` translates."""
    return {
        "exercises": [],
        "wall": {
            "sentence": sentence,
            "skill": found.wall,
            "sure": found.sure,
            "questions": found.questions,
            "known": list(found.known),
            "missing": list(found.missing),
            "way": [
                {"lesson": each.lesson, "skills": list(each.skills), "minutes": each.minutes}
                for each in stages
            ],
            "goal": found.goal,
            "stop": None
            if stop is None
            else {"skill": stop.skill, "minutes": stop.minutes, "sentence": say(stop.sentence)},
        },
        "progress": kept_in,
    }
