"""What the page of the wall finder asks: each question, and in the end what was found.

The page keeps the answers so far and sends them with each question, so that a server that was
started anew goes on where the last one was.
"""

from chainrule.faces.views.language import language_asked, translation
from chainrule.faces.views.question import Context, Parameters, Question, Refusal
from chainrule.learning.course.course import outlines
from chainrule.learning.locale import catalogue
from chainrule.learning.practice import exercise_from_id, grade_exercise
from chainrule.learning.progress import Progress, ProgressError, progress_path
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import (
    MOST_QUESTIONS,
    Answered,
    Found,
    found,
    minutes_to,
    nearest_stop,
    next_question,
    sentence,
    way,
)
from chainrule.learning.wall.finder import answered
from chainrule.records import Grade
from chainrule.records.json_values import Json

from .practice_questions import SEEDS, exercise_document
from .questions import refusals


def wall(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The next question, or what was found.

    Parameters are the `answers` so far and the `seed` of the session; an `exercise` with its
    `answer`, which is empty where the learner does not know; `end` to hear what is known by now;
    a `goal`, the skill that is wanted, beyond which nothing is asked.
    What was found is kept in the learner's file if an answer or `end` has led to it, and without
    `keep: false`, which a page says that only shows it again.
    """
    language = language_asked(parameters)
    seed = parameters.whole("seed")
    if not 0 <= seed < SEEDS:
        raise Refusal(f"Expected a seed from 0 to {SEEDS - 1}, found {seed}.", field="seed")
    answers = _answers(parameters)
    goal = parameters.text("goal", "") or None
    if goal is not None and goal not in SKILLS:
        raise Refusal(f"Expected a skill ({', '.join(SKILLS)}), found {goal!r}.", field="goal")
    if "exercise" in parameters:
        answers.append(_judged(parameters))
    end = parameters.flag("end", False)
    asked = None if end else next_question(answers, seed, goal)
    said = found(answers, goal=goal) if asked is None else None
    not_kept = None
    led_to_it = end or "exercise" in parameters
    if said is not None and answers and led_to_it and parameters.flag("keep", True):
        not_kept = _keep(said)
    return {
        "view": "wall",
        "answers": [
            {"exercise": each.exercise, "correct": each.correct, "mistake_in": each.mistake_in}
            for each in answers
        ],
        "number": len(answers) + 1,
        "most": MOST_QUESTIONS,
        "exercise": None if asked is None else exercise_document(asked, language),
        "found": None if said is None else _found_document(said, language),
        "not_kept": not_kept,
    }


def goals(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The skills that one may aim at, each with the minutes of all lessons that lead to it."""
    say = translation(parameters)
    minutes = {each.id: each.minutes for each in outlines()}
    return {
        "view": "goals",
        "goals": [
            {"id": each.id, "name": say(each.name), "minutes": minutes_to(each.id, minutes)}
            for each in SKILLS.values()
        ],
    }


def _answers(parameters: Parameters) -> list[Answered]:
    given = parameters.any("answers") or []
    if not isinstance(given, list) or len(given) > MOST_QUESTIONS:
        raise Refusal(
            f"Expected a list of at most {MOST_QUESTIONS} answers for `answers`.", field="answers"
        )
    return [_answer(each) for each in given]


def _answer(given: Json) -> Answered:
    if not isinstance(given, dict):
        raise Refusal("Expected each of `answers` as an object.", field="answers")
    fields = Parameters(given)
    mistake_in = fields.text("mistake_in", "") or None
    if mistake_in is not None and mistake_in not in SKILLS:
        raise Refusal(f"Expected a skill, found {mistake_in!r}.", field="answers")
    return Answered(
        exercise=_exercise_id(fields), correct=fields.flag("correct"), mistake_in=mistake_in
    )


def _exercise_id(fields: Parameters) -> str:
    id = fields.text("exercise")
    try:
        exercise_from_id(id)
    except ValueError as error:
        raise Refusal(str(error), field="exercise") from None
    return id


def _judged(parameters: Parameters) -> Answered:
    exercise = exercise_from_id(_exercise_id(parameters))
    answer = parameters.text("answer", "")
    if not answer.strip():
        return answered(exercise, Grade(correct=False))
    with refusals(answer):
        return answered(exercise, grade_exercise(exercise, answer))


def _keep(said: Found) -> str | None:
    """Keep what was found; a sentence if that fails."""
    try:
        Progress(progress_path()).keep_wall(said.wall, said.sure, said.questions)
    except ProgressError as error:
        return error.reason
    return None


def _found_document(said: Found, language: str) -> dict[str, Json]:
    say = catalogue(language).gettext
    course = {each.id: each for each in outlines(language)}
    minutes = {each.id: each.minutes for each in course.values()}
    stages, stop = way(said, minutes), nearest_stop(said, minutes)
    return {
        "sentence": sentence(said, say),
        "skill": said.wall,
        "goal": None if said.goal is None else say(SKILLS[said.goal].name),
        "sure": said.sure,
        "questions": said.questions,
        "known": [say(SKILLS[each].name) for each in said.known],
        "missing": [say(SKILLS[each].name) for each in said.missing],
        "stop": None if stop is None else say(stop.sentence),
        "way": [
            {
                "lesson": each.lesson,
                "title": course[each.lesson].title,
                "minutes": each.minutes,
                "skills": [say(SKILLS[skill].name) for skill in each.skills],
            }
            for each in stages
        ],
    }


QUESTIONS = (Question("wall", wall, by_post=True), Question("goals", goals))
