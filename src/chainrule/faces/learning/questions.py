"""What a lesson's page asks: the course, a lesson, and what becomes of an answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.latex import latex
from chainrule.calculus.speech import Speech
from chainrule.faces.views.language import language_asked, translation
from chainrule.faces.views.question import Context, Parameters, Question, Refusal
from chainrule.learning import practice
from chainrule.learning.course import exercises
from chainrule.learning.course.blocks import Inline, LessonExercise, NewLine
from chainrule.learning.course.course import NoLesson
from chainrule.learning.course.lesson import LessonError
from chainrule.learning.course.repairs import NoRepair, repair
from chainrule.learning.locale import catalogue
from chainrule.records.json_values import Json
from chainrule.records.message import as_message

from .lesson_document import course_document, inline_document, lesson_document

T = TypeVar("T")


def course(parameters: Parameters, context: Context) -> Mapping[str, object]:
    """The overview, in the `language` that was asked for."""
    with refusals():
        return course_document(language_asked(parameters))


def lesson(parameters: Parameters, context: Context) -> Mapping[str, object]:
    """The lesson `id` in a `language`."""
    with refusals():
        return lesson_document(parameters.text("id"), language_asked(parameters))


def understood(parameters: Parameters, context: Context) -> dict[str, Json]:
    """What is understood of the `answer` to an `exercise`."""
    answer = parameters.text("answer")
    say = translation(parameters)
    with refusals(answer):
        found = exercises.understood(_exercise(parameters), answer)
    written = [latex(each) for each in found]
    spoken = ", ".join(Speech(say=say).write(each.root) for each in found)
    joined = ", ".join(written)
    return {
        "view": "understood",
        "latex": rf"\left({joined}\right)" if len(written) > 1 else joined,
        "speech": spoken,
    }


def grade(parameters: Parameters, context: Context) -> dict[str, Json]:
    """What the `answer` to an `exercise` was found to be, with the `reply` to a question back."""
    return grade_document(judged(parameters)[1], language_asked(parameters))


def judged(parameters: Parameters) -> tuple[LessonExercise, exercises.Judged]:
    """The `exercise`, and what its `answer` was found to be with the `reply` to a question back."""
    reply = parameters.text("reply") if "reply" in parameters else None
    answer = parameters.text("answer")
    with refusals(answer):
        asked = _exercise(parameters)
        return asked, exercises.judge(asked, answer, reply)


def grade_document(judged: exercises.Judged, language: str) -> dict[str, Json]:
    """A grade, said in a language."""
    say = catalogue(language).gettext
    found = judged.grade
    return {
        "view": "grade",
        "correct": found.correct,
        "how": found.how,
        "question": None if found.question is None else _told(found.question, say),
        "diagnoses": [
            {
                "mutation": each.mutation,
                "rule": each.rule,
                "node": each.node,
                "message": _told(each.message, say),
            }
            for each in found.diagnoses
        ],
        "because": inline_document(judged.because),
        "note": None if found.note is None else _told(found.note, say),
    }


def hint(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The three hints of an `exercise`, from where the `answer` stands."""
    answer = parameters.text("answer", "")
    say = translation(parameters)
    with refusals(answer):
        found = exercises.hints(_exercise(parameters), answer, say)
    return {"view": "hints", "hints": [inline_document(each) for each in found]}


def worked(parameters: Parameters, context: Context) -> dict[str, Json]:
    """How an `exercise` is worked: a text, or the formula to see the derivation of.

    Of a gradient `wrt` has all variables, with commas: each has a derivation of its own. `shapes`
    are those of vectors and matrices, as in `X=3x2,w=2`; empty where there are none.
    """
    with refusals():
        asked = _exercise(parameters)
        made = exercises.as_exercise(asked)
        text = asked.worked or (asked.choices[asked.answer].because if asked.choices else ())
        if not text and asked.generated is not None:
            text = _steps(asked, translation(parameters))
    return {
        "view": "worked",
        "text": inline_document(text),
        "formula": made.formula,
        "wrt": made.wrt,
        "shapes": exercises.shapes_text(made),
        "at": dict(made.at),
    }


def repair_script(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The script `name` to repair, and with `solution` what is to be changed."""
    with refusals():
        found = repair(parameters.text("name"))
    return {
        "view": "repair",
        "name": found.name,
        "code": found.code,
        "solution": [{"old": each.old, "new": each.new} for each in found.changes],
        "why": as_message(found.why),
    }


def _exercise(parameters: Parameters) -> LessonExercise:
    id = parameters.text("exercise")
    if exercises.is_of_lesson(id):
        return exercises.lesson_exercise(id, language_asked(parameters))
    try:
        return exercises.generated_exercise(id)
    except ValueError as error:
        raise Refusal(str(error), field="exercise") from None


def _steps(asked: LessonExercise, say: Callable[[str], str]) -> Inline:
    """The steps to a number or a choice, one on a line; nothing of what is derived."""
    found = practice.worked(exercises.practised(asked))
    if not isinstance(found, tuple):
        return ()
    lines = [exercises.in_backticks(say(step)) for step in found]
    return tuple(part for line in lines for part in (*line, NewLine()))[:-1]


def _told(text: str, say: Callable[[str], str]) -> list[Json]:
    return inline_document(exercises.in_backticks(say(text)))


@contextmanager
def refusals(answer: str | None = None) -> Iterator[None]:
    """What is wrong with a question about an exercise or a lesson, as a refusal.

    Args:
        answer: What was typed, if the question is about that.
    """
    try:
        yield
    except FormulaError as error:
        column = None if error.column is None else error.column - 1
        field = None if answer is None else "answer"
        reason = as_message(error.reason)
        raise Refusal(reason, field=field, column=column, text=answer) from None
    except (NoLesson, NoRepair) as error:
        raise Refusal(error.reason) from None
    except (LessonError, exercises.NoExercise) as error:
        raise Refusal(str(error)) from None


QUESTIONS = (
    Question("course", course),
    Question("lesson", lesson),
    Question("understood", understood),
    Question("grade", grade),
    Question("hints", hint),
    Question("worked", worked),
    Question("repair", repair_script),
)
