"""What the page of progress asks: what is known and due, all of it as data, and to erase it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from chainrule.faces.views.language import translation
from chainrule.faces.views.question import Context, Parameters, Question, Refusal
from chainrule.learning.course import exercises
from chainrule.learning.course.course import NoLesson
from chainrule.learning.course.lesson import LessonError
from chainrule.learning.progress import Progress, ProgressError, progress_path
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall.finder import SURE
from chainrule.learning.wall.kept_knowledge import kept_knowledge
from chainrule.records.json_values import Json


def progress(parameters: Parameters, context: Context) -> dict[str, Json]:
    """What the learner's file says: of each skill, of lessons, and of the wall found last."""
    say = translation(parameters)
    kept = Progress(progress_path())
    with _unusable():
        answers, cards, wall = kept.answers(), kept.cards(), kept.wall()
        lessons = kept.lessons()
    knowledge = kept_knowledge(answers, _choices)
    given = Counter(each.skill for each in answers)
    right = Counter(each.skill for each in answers if each.correct)
    mistakes = Counter(each.skill for each in cards if each.mistake)
    when: dict[str, datetime] = {}
    for card in cards:
        when[card.skill] = min(card.when, when.get(card.skill, card.when))
    now = datetime.now(UTC)
    return {
        "view": "progress",
        "file": str(kept.path),
        "answers": len(answers),
        "due": sum(each <= now for skill, each in when.items() if skill in SKILLS),
        "skills": [
            {
                "id": each.id,
                "name": say(each.name),
                "lesson": each.lesson,
                "known": _known(knowledge.of_skill(each.id), given[each.id] > 0),
                "answers": given[each.id],
                "right": right[each.id],
                "mistakes": mistakes[each.id],
                "due": when[each.id].isoformat() if each.id in when else None,
                "due_now": each.id in when and when[each.id] <= now,
            }
            for each in SKILLS.values()
        ],
        "lessons": list(lessons),
        "wall": None
        if wall is None
        else {
            "name": say(SKILLS[wall[0]].name) if wall[0] in SKILLS else None,
            "sure": wall[1],
            "questions": wall[2],
        },
    }


def solved(parameters: Parameters, context: Context) -> dict[str, Json]:
    """What of the lessons is done: the last right answer to each exercise, and whole lessons."""
    kept = Progress(progress_path())
    with _unusable():
        answers, lessons = kept.answers(), kept.lessons()
    return {
        "view": "solved",
        "exercises": {
            each.exercise: each.answer
            for each in answers
            if each.correct and exercises.is_of_lesson(each.exercise)
        },
        "lessons": list(lessons),
    }


def exported(parameters: Parameters, context: Context) -> dict[str, Json]:
    """All that is in the learner's file."""
    with _unusable():
        return Progress(progress_path()).export()


def erased(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The learner's file is deleted; `there` says whether there was one."""
    kept = Progress(progress_path())
    there = kept.path.exists()
    with _unusable():
        kept.erase()
    return {"view": "erased", "file": str(kept.path), "there": there}


def _known(probability: float, answered: bool) -> float | None:
    """What is believed of a skill; None if nothing was answered that tells about it.

    Who can do a skill can do those before it: so much is told without an answer to them.
    """
    return probability if answered or probability > SURE else None


def _choices(id: str) -> int:
    try:
        if exercises.is_of_lesson(id):
            found = exercises.lesson_exercise(id)
        else:
            found = exercises.generated_exercise(id)
    except (NoLesson, LessonError, ValueError):  # answered in a version that had it
        return 0
    return len(exercises.as_exercise(found).choices)


@contextmanager
def _unusable() -> Iterator[None]:
    try:
        yield
    except ProgressError as error:
        raise Refusal(error.reason) from None


QUESTIONS = (
    Question("progress", progress),
    Question("solved", solved),
    Question("export-progress", exported, by_post=True),
    Question("erase-progress", erased, by_post=True),
)
