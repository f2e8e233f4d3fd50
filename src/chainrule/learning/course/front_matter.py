"""The front matter of a lesson's file, without its text.

A verdict asks it which lesson explains a fault: nothing of the engine is loaded for that.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .fields import Fields, read_table
from .outline import LessonError, Outline

FENCE = "+++"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was written.

    Attributes:
        file: Its name, for messages.
        front: The front matter.
        body: The Markdown.
        line: The line on which that begins.
    """

    file: str
    front: str
    body: str
    line: int


def read_outline(path: Path, original: Path | None = None) -> Outline:
    """What the front matter of a file says; the text is not read.

    Args:
        path: The file.
        original: For a translation, the file that it translates.

    Raises:
        LessonError: If it cannot be read.
    """
    if original is None:
        return outline_of(source_of(path), path)[0]
    translated = _translated_front(source_of(path))
    return replace(
        read_outline(original),
        title=translated["title"],
        summary=translated["summary"],
        language=path.parent.name,
    )


@lru_cache(maxsize=64)
def _read(path: Path, changed: float) -> str:
    return path.read_text("utf-8")


def source_of(path: Path) -> Source:
    """A file in its two parts.

    Raises:
        LessonError: If it cannot be read.
    """
    name = path.name if path.parent.name == "lessons" else f"{path.parent.name}/{path.name}"
    try:
        text = _read(path, path.stat().st_mtime)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(name, 0, f"It cannot be read: {error}.") from None
    lines = text.split("\n")
    if lines[0].strip() != FENCE:
        raise LessonError(name, 1, f"Expected the front matter to begin with {FENCE}.")
    ends = [i for i, line in enumerate(lines) if i > 0 and line.strip() == FENCE]
    if not ends:
        raise LessonError(name, len(lines), f"Expected a line {FENCE} after the front matter.")
    end = ends[0]
    return Source(name, "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2)


def outline_of(source: Source, path: Path) -> tuple[Outline, dict[str, Any]]:
    """The front matter, and its table `[compute]`.

    Raises:
        LessonError: If a field is missing, or not what it has to be.
    """
    table = read_table(source.front, source.file, 2)
    computed = table.pop("compute", {})
    if not isinstance(computed, dict):
        raise LessonError(source.file, 2, "Expected [compute] to be a table.")
    fields = Fields(table, "the front matter", source.file, 2, source.front)
    outline = Outline(
        id=fields.text("id"),
        number=fields.whole("number"),
        title=fields.text("title"),
        summary=fields.text("summary", ""),
        minutes=fields.whole("minutes", 10),
        skills=fields.texts("skills"),
        difficulties=fields.wholes("difficulties", ()),
        faults=fields.texts("faults", ()),
    )
    fields.end()
    if outline.id.replace("-", "_") != path.stem:
        fields.error(
            f"Expected the id of {path.name} to be {path.stem.replace('_', '-')}, found "
            f"{outline.id}.",
            "id",
        )
    return outline, computed


def _translated_front(source: Source) -> dict[str, str]:
    table = read_table(source.front, source.file, 2)
    fields = Fields(table, "a translation's front matter", source.file, 2, source.front)
    fields.text("id")
    found = {"title": fields.text("title"), "summary": fields.text("summary", "")}
    fields.end()
    return found
