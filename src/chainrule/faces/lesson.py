"""`chainrule.lesson("chain-rule")`: a lesson in a notebook, or as text."""

import io

from chainrule.learning.course import course
from chainrule.learning.course.outline import LANGUAGES
from chainrule.learning.locale import language_of
from chainrule.records.shown import ShownInNotebook

_WIDTH = 80
"""Of the text, where no terminal says how wide it is."""


class ShownLesson(ShownInNotebook):
    """A lesson, or the course, which shows itself as the value of a cell.

    Attributes:
        id: Of the lesson; empty for the course.
        language: Code of the language of its texts.
        chosen: Whether the language was asked for; otherwise a reader's own choice goes first.
    """

    __slots__ = ("chosen", "id", "language")

    def __init__(self, id: str, language: str, chosen: bool) -> None:
        self.id = id
        self.language = language
        self.chosen = chosen

    def __repr__(self) -> str:
        from chainrule.faces.learning.reading import Reading
        from chainrule.faces.page import Page

        if not self.id:
            return "\n".join(
                f"{each.number:>2}  {each.title}, {each.minutes} min: chainrule.lesson({each.id!r})"
                for each in course.outlines(self.language)
            )
        written = io.StringIO()
        page = Page(written, width=_WIDTH, color=False)
        Reading(page, None, self.language).write(course.lesson(self.id, self.language))
        return written.getvalue().strip("\n")

    def _repr_markdown_(self) -> str:
        from chainrule.faces.learning.lesson_markdown import course_markdown, lesson_markdown

        if not self.id:
            return course_markdown(course.outlines(self.language))
        return lesson_markdown(course.lesson(self.id, self.language), self.language)


def lesson(id: str | int | None = None, *, language: str | None = None) -> ShownLesson:
    """A lesson of the course, to be read and worked in a notebook; elsewhere it prints as text.

    Answers to its exercises are judged by the kernel, and kept in the learner's own file as those
    of `chainrule learn` are.

    Args:
        id: Such as "chain-rule", or its number; the overview of the course without it.
        language: "en" or "de"; that of your environment without it.

    Raises:
        ValueError: If there is no such lesson or language; the message names those near it.

    Example:
        >>> chainrule.lesson("chain-rule")
    """
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"Expected a language ({', '.join(LANGUAGES)}), found {language!r}.")
    spoken = language or language_of()
    spoken = spoken if spoken in LANGUAGES else next(iter(LANGUAGES))
    if id is None:
        return ShownLesson("", spoken, language is not None)
    by_number = {str(each.number): each.id for each in course.outlines()}
    name = by_number.get(str(id), str(id).lower().replace("_", "-"))
    return ShownLesson(course.lesson(name, spoken).outline.id, spoken, language is not None)
