"""What the page of practice asks: the next exercise, and what becomes of an answer that is kept."""

import secrets
from datetime import UTC, datetime

from chainrule.faces.views.language import language_asked
from chainrule.faces.views.question import Context, Parameters, Question, Refusal
from chainrule.learning.course import exercises
from chainrule.learning.locale import catalogue
from chainrule.learning.practice import generate, prepare
from chainrule.learning.practice.exercises import LEVELS
from chainrule.learning.progress import Due, Kept, Progress, ProgressError, progress_path
from chainrule.learning.progress.kept_level import kept_level
from chainrule.learning.progress.next_skill import next_skill
from chainrule.learning.progress.schedule import due_now
from chainrule.learning.skills import SKILLS
from chainrule.records.exercise import Exercise
from chainrule.records.json_values import Json

from .keeping import keep_answer
from .lesson_document import inline_document
from .questions import grade_document, judged

SEEDS = 10**9
"""Exercises of one skill and level; drawn from without end."""


def practice(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The next exercise: of `skill`, or of what is due; at `level`, or where the learner stands."""
    language = language_asked(parameters)
    say = catalogue(language).gettext
    now = datetime.now(UTC)
    answers, cards, unreadable = _kept()
    due = {each.skill for each in due_now(cards, now)}
    chosen = parameters.text("skill", "") or next_skill(cards, now)
    if chosen not in SKILLS:
        raise Refusal(f"Expected a skill ({', '.join(SKILLS)}), found {chosen!r}.", field="skill")
    level = parameters.whole("level", kept_level(answers, chosen))
    if level not in LEVELS:
        raise Refusal(f"Expected a level from 1 to 5, found {level}.", field="level")
    seed = parameters.whole("seed", secrets.randbelow(SEEDS))
    if not 0 <= seed < SEEDS:
        raise Refusal(f"Expected a seed from 0 to {SEEDS - 1}, found {seed}.", field="seed")
    exercise = generate(chosen, level, seed)
    prepare(exercise)
    return {
        "view": "practice",
        "exercise": exercise_document(exercise, language),
        "skill": chosen,
        "name": say(SKILLS[chosen].name),
        "lesson": SKILLS[chosen].lesson,
        "level": level,
        "due": chosen in due,
        "skills": [
            {"id": each.id, "name": say(each.name), "due": each.id in due}
            for each in SKILLS.values()
        ],
        "not_kept": unreadable,
    }


def answered(parameters: Parameters, context: Context) -> dict[str, Json]:
    """A grade, as the question `grade` gives it; the answer is kept in the learner's file."""
    asked, found = judged(parameters)
    not_kept = None
    try:
        keep_answer(
            Progress(progress_path()),
            asked,
            parameters.text("answer"),
            found.grade,
            hints=parameters.whole("hints", 0),
            replied="reply" in parameters,
        )
    except ProgressError as error:
        not_kept = error.reason
    return {**grade_document(found, language_asked(parameters)), "not_kept": not_kept}


def exercise_document(exercise: Exercise, language: str) -> dict[str, Json]:
    """An exercise of practice as the page asks it: with the fields of those of lessons."""
    say = catalogue(language).gettext
    return {
        "id": exercise.id,
        "kind": exercise.kind,
        "question": inline_document(exercises.in_backticks(say(exercise.question))),
        "formula": exercise.formula,
        "wrt": exercise.wrt,
        "at": dict(exercise.at),
        "choices": [
            inline_document(exercises.in_backticks(say(each))) for each in exercise.choices
        ],
    }


def _kept() -> tuple[tuple[Kept, ...], tuple[Due, ...], str | None]:
    """What was kept, and why it cannot be read if it cannot."""
    progress = Progress(progress_path())
    try:
        return progress.answers(), progress.cards(), None
    except ProgressError as error:
        return (), (), error.reason


QUESTIONS = (
    Question("practice", practice),
    Question("answer", answered, by_post=True),
)
