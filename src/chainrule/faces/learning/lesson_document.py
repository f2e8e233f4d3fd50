"""Lessons as JSON: what the page and a notebook draw.

Every block is an object with `is`, its kind in lower case with hyphens, and the fields of its
class in `learning/course/blocks.py`. What would tell the answer of an exercise is left out.
"""

import re
from dataclasses import fields, is_dataclass
from typing import TypedDict

from chainrule import __version__
from chainrule.learning.course import course
from chainrule.learning.course.blocks import (
    Block,
    Inline,
    LessonExercise,
    Prediction,
    Repair,
    View,
)
from chainrule.learning.course.exercises import as_exercise, in_backticks
from chainrule.learning.course.lesson import LANGUAGES, Lesson, Outline
from chainrule.learning.locale import catalogue
from chainrule.learning.skills import SKILLS
from chainrule.records.json_values import Json

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")

_ANSWERS = {"value", "answer", "hints", "worked", "generated"}
"""Fields of an exercise that would tell its answer."""


class OutlineRow(TypedDict):
    """A lesson of the overview; `skills` are names, not ids."""

    id: str
    number: int
    title: str
    summary: str
    minutes: int
    skills: list[str]
    language: str


class CourseDocument(TypedDict):
    """The overview of the course.

    Attributes:
        language: Code of the language that was asked for.
        languages: All of them by code, as they call themselves.
        words: Words of the interface in that language, by their English.
        lessons: In order.
    """

    view: str
    chainrule: str
    language: str
    languages: dict[str, str]
    words: dict[str, str]
    lessons: list[OutlineRow]


class LessonDocument(TypedDict):
    """A lesson; the first fields are those of `CourseDocument`.

    Attributes:
        lesson: What the front matter says.
        blocks: What it is made of.
        previous: The lesson before it; null for the first.
        next: The lesson after it; null for the last.
    """

    view: str
    chainrule: str
    language: str
    languages: dict[str, str]
    words: dict[str, str]
    lesson: OutlineRow
    blocks: list[Json]
    previous: OutlineRow | None
    next: OutlineRow | None


def course_document(language: str) -> CourseDocument:
    """The overview in a language."""
    return {
        "view": "lesson",
        "chainrule": __version__,
        "language": language,
        "languages": dict(LANGUAGES),
        "words": catalogue(language).words,
        "lessons": [_row(outline, language) for outline in course.outlines(language)],
    }


def lesson_document(id: str, language: str) -> LessonDocument:
    """A lesson in a language.

    Raises:
        NoLesson: If there is none of this id.
        LessonError: If its file cannot be read.
    """
    lesson = course.lesson(id, language)
    rows = [_row(outline, language) for outline in course.outlines(language)]
    at = next(i for i, row in enumerate(rows) if row["id"] == id)
    return {
        "view": "lesson",
        "chainrule": __version__,
        "language": language,
        "languages": dict(LANGUAGES),
        "words": catalogue(language).words,
        "lesson": rows[at],
        "blocks": blocks_document(lesson, language),
        "previous": rows[at - 1] if at > 0 else None,
        "next": rows[at + 1] if at + 1 < len(rows) else None,
    }


def blocks_document(lesson: Lesson, language: str) -> list[Json]:
    """The blocks of a lesson."""
    return [_block(block, language) for block in lesson.blocks]


def inline_document(parts: Inline) -> list[Json]:
    """A text within a line."""
    return [_plain(part) for part in parts]


def _row(outline: Outline, language: str) -> OutlineRow:
    say = catalogue(language).gettext
    names = {skill.id: skill.name for skill in SKILLS.values()}
    return {
        "id": outline.id,
        "number": outline.number,
        "title": outline.title,
        "summary": outline.summary,
        "minutes": outline.minutes,
        "skills": [say(names.get(skill, skill)) for skill in outline.skills],
        "language": outline.language,
    }


def _block(block: Block, language: str) -> Json:
    document = _plain(block)
    assert isinstance(document, dict)
    if isinstance(block, Prediction):
        document["reveal"] = [_block(each, language) for each in block.reveal]
    if isinstance(block, LessonExercise):
        _ask(block, document, language)
    if isinstance(block, Repair):
        document["command"] = f"chainrule learn repair {block.name} -o {block.script}"
        document["confirm"] = f"chainrule {block.judge} {block.script}"
    if isinstance(block, View):
        document["view"] = block.kind
        del document["kind"]
    return document


def _ask(exercise: LessonExercise, document: dict[str, Json], language: str) -> None:
    """Put in what is asked, and leave out what would answer it."""
    for name in _ANSWERS:
        document.pop(name, None)
    document["choices"] = [inline_document(choice.text) for choice in exercise.choices]
    made = as_exercise(exercise)
    document["formula"], document["wrt"] = made.formula, made.wrt
    document["kind"], document["at"] = made.kind, dict(made.at)
    if not exercise.question:
        document["question"] = inline_document(in_backticks(_question(made.question, language)))
    if exercise.generated is not None and made.choices:
        document["choices"] = [inline_document(in_backticks(each)) for each in made.choices]


def _question(question: str, language: str) -> str:
    return catalogue(language).gettext(question)


def _plain(value: object) -> Json:
    if is_dataclass(value):
        name = _CAPITAL.sub("-", type(value).__name__).lower()
        return {"is": name, **{f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    assert value is None or isinstance(value, str | int | float | bool)
    return value
