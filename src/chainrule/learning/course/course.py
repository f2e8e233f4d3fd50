"""All lessons: by id and language, and which of them explains a fault."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .front_matter import read_outline
from .outline import LANGUAGES, LessonError, Outline

if TYPE_CHECKING:
    from .lesson import Lesson

LESSONS = Path(__file__).parents[1] / "lessons"
REPAIRS = Path(__file__).parents[1] / "repairs"

ORIGINAL = next(iter(LANGUAGES))


class NoLesson(ValueError):
    """A lesson that there is not; the message names those that there are.

    Args:
        reason: A sentence; as a `Message` it can be told in another language.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lesson_files(folder: Path = LESSONS) -> dict[str, Path]:
    """The file of each lesson by its id, in the original language."""
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.md"))}


def outlines(language: str = ORIGINAL) -> tuple[Outline, ...]:
    """What the course has, in its order; in the original where there is no translation.

    Raises:
        LessonError: If a front matter cannot be read.
    """
    found = (_outline(path, _translation(path, language)) for path in lesson_files().values())
    return tuple(sorted(found, key=lambda each: each.number))


def lesson(id: str, language: str = ORIGINAL) -> "Lesson":
    """A lesson, in the original where there is no translation.

    Raises:
        NoLesson: If there is none of this id.
        LessonError: If its file cannot be read.
    """
    path = _file_of(id)
    translation = _translation(path, language)
    changed = tuple(each.stat().st_mtime_ns for each in (path, translation) if each)
    return _lesson(path, translation, changed)


def lesson_of_fault(fault: str) -> str | None:
    """The id of the lesson that explains a finding; None if none does."""
    try:
        return _by_fault().get(fault)
    except LessonError:  # a verdict is not the place to hear of it; `chainrule learn` says it
        return None


@lru_cache(maxsize=1)
def _by_fault() -> dict[str, str]:
    return {fault: each.id for each in outlines() for fault in each.faults}


@lru_cache(maxsize=64)
def _lesson(path: Path, translation: Path | None, changed: tuple[int, ...]) -> "Lesson":
    from .reading import read_lesson  # the engine: an outline does without

    if translation is None:
        return read_lesson(path)
    return read_lesson(translation, path)


@lru_cache(maxsize=64)
def _outline(path: Path, translation: Path | None) -> Outline:
    if translation is None:
        return read_outline(path)
    return read_outline(translation, path)


def _file_of(id: str) -> Path:
    files = lesson_files()
    if id not in files:
        from difflib import get_close_matches

        from chainrule.records.message import Message

        near = get_close_matches(id, files, 1)
        known = ", ".join(files)
        raise NoLesson(
            Message(
                "Expected a lesson ({known}), found {found!r}; did you mean {near}?",
                known=known,
                found=id,
                near=near[0],
            )
            if near
            else Message("Expected a lesson ({known}), found {found!r}.", known=known, found=id)
        )
    return files[id]


def _translation(path: Path, language: str) -> Path | None:
    if language == ORIGINAL or language not in LANGUAGES:
        return None
    there = path.parent / language / path.name
    return there if there.is_file() else None
