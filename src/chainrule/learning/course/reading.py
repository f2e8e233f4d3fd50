"""One file to one lesson; a translation together with its original."""

from collections.abc import Mapping
from pathlib import Path

from chainrule.learning.locale import catalogue
from chainrule.records.message import Translate

from .compute import Entry, compute
from .directives import Builder, flattened
from .front_matter import outline_of, read_outline, source_of
from .kept import Kept
from .lesson import Lesson
from .markdown import Reader

OUTPUTS = "outputs"


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
    source = source_of(path)
    first = source if original is None else source_of(original)
    outline, table = outline_of(first, original or path)
    if original is not None:
        outline = read_outline(path, original)
    say: Translate = str if original is None else catalogue(path.parent.name).gettext
    entries = compute(table, kept, first.file, first.front, 2, say)
    reader = Reader(entries, source.file)
    originals = None if original is None else flattened(first.body, first.line)
    builder = Builder(outline.id, source.file, reader, entries, kept, originals)
    blocks = reader.blocks(source.body, source.line, builder.build)
    builder.end()
    return Lesson(outline=outline, blocks=blocks, numbers=_numbers(entries))


def _numbers(entries: Mapping[str, Entry]) -> dict[str, float]:
    return {name: entry for name, entry in entries.items() if isinstance(entry, float)}
