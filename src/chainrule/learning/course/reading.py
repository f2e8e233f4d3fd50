"""One file to one lesson; a translation together with its original."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .compute import Entry, compute
from .directives import Builder, flattened
from .fields import Fields, read_table
from .kept import Kept
from .lesson import Lesson, LessonError, Outline
from .markdown import Reader

FENCE = "+++"
OUTPUTS = "outputs"


@dataclass(frozen=True, slots=True)
class _Source:
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
        return _outline(_source(path), path)[0]
    translated = _translated_front(_source(path))
    return replace(
        read_outline(original),
        title=translated["title"],
        summary=translated["summary"],
        language=path.parent.name,
    )


def read_lesson(path: Path, original: Path | None = None) -> Lesson:
    """The lesson of a file, its numbers computed.

    Args:
        path: The file.
        original: For a translation, the file that it translates.

    Raises:
        LessonError: If it cannot be read; with the line.
    """
    return read_keeping(path, kept_of(original or path), original)


def kept_of(path: Path) -> Kept:
    """What is kept of the lesson of a file."""
    return Kept(path.parent / OUTPUTS / f"{path.stem}.json")


def read_keeping(path: Path, kept: Kept, original: Path | None = None) -> Lesson:
    """As `read_lesson`, with what is kept of it."""
    source = _source(path)
    first = source if original is None else _source(original)
    outline, table = _outline(first, original or path)
    if original is not None:
        outline = read_outline(path, original)
    entries = compute(table, kept, first.file, first.front, 2)
    reader = Reader(entries, source.file)
    originals = None if original is None else flattened(first.body, first.line)
    builder = Builder(outline.id, source.file, reader, entries, kept, originals)
    blocks = reader.blocks(source.body, source.line, builder.build)
    builder.end()
    return Lesson(outline=outline, blocks=blocks, numbers=_numbers(entries))


def _numbers(entries: Mapping[str, Entry]) -> dict[str, float]:
    return {name: entry for name, entry in entries.items() if isinstance(entry, float)}


@lru_cache(maxsize=64)
def _read(path: Path, changed: float) -> str:
    return path.read_text("utf-8")


def _source(path: Path) -> _Source:
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
    return _Source(name, "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2)


def _outline(source: _Source, path: Path) -> tuple[Outline, dict[str, Any]]:
    """The front matter, and its table `[compute]`."""
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


def _translated_front(source: _Source) -> dict[str, str]:
    table = read_table(source.front, source.file, 2)
    fields = Fields(table, "a translation's front matter", source.file, 2, source.front)
    fields.text("id")
    found = {"title": fields.text("title"), "summary": fields.text("summary", "")}
    fields.end()
    return found
