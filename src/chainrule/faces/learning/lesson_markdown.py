"""A lesson as Markdown: what a saved notebook keeps, and where there are no widgets."""

import io
from collections.abc import Callable, Sequence

from chainrule.faces.page import Page
from chainrule.learning.course import exercises
from chainrule.learning.course.blocks import (
    Block,
    Cell,
    Choice,
    Code,
    Display,
    Heading,
    Inline,
    Items,
    LessonExercise,
    Link,
    Listing,
    Marked,
    Mathematics,
    NewLine,
    Paragraph,
    Part,
    Plain,
    Prediction,
    Quote,
    RealRun,
    Repair,
    Table,
    View,
)
from chainrule.learning.course.lesson import Lesson, Outline
from chainrule.learning.locale import catalogue

from .twins import write_view

_WIDTH = 80
"""Of the views in text, as a cell of a notebook shows them without scrolling."""

_LESSON = "#/learn/"


def lesson_markdown(lesson: Lesson, language: str) -> str:
    """A lesson, with each reveal after its choices and without answers to exercises.

    Args:
        lesson: The lesson.
        language: Code of the language of what is said around the text.
    """
    say: Callable[[str], str] = catalogue(language).gettext
    outline = lesson.outline
    parts = [f"# {outline.number}. {_escaped(outline.title)}", f"*{_escaped(outline.summary)}*"]
    parts += [_block(block, say) for block in lesson.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def course_markdown(outlines: Sequence[Outline]) -> str:
    """The lessons, with how each is opened in a notebook."""
    rows = [
        f"{each.number}. **{_escaped(each.title)}**, {each.minutes} min: "
        f"{_escaped(each.summary)}  \n   `chainrule.lesson({each.id!r})`"
        for each in outlines
    ]
    return "\n".join(rows) + "\n"


def _block(block: Block, say: Callable[[str], str]) -> str:
    if isinstance(block, Paragraph):
        return _inline(block.parts)
    if isinstance(block, Heading):
        return f"{'#' * min(block.level, 6)} {_inline(block.parts)}"
    if isinstance(block, Items):
        return _items(block, say)
    if isinstance(block, Quote):
        text = "\n\n".join(_block(each, say) for each in block.blocks)
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Display):
        return f"$${block.latex}$$"
    if isinstance(block, Listing):
        return _fenced(block.text)
    if isinstance(block, View):
        return _view(block, say)
    if isinstance(block, Prediction):
        right = block.choices[block.answer]
        asked = f"**{say('Predict first')}** {_inline(block.question)}"
        told = f"{block.answer + 1}. {_inline(right.because)}"
        return "\n\n".join(
            [asked, _choices(block.choices), told, *(_block(each, say) for each in block.reveal)]
        )
    if isinstance(block, LessonExercise):
        return _exercise(block, say)
    if isinstance(block, Cell):
        printed = f"\n\n{say('It prints:')}\n\n{_fenced(block.output)}" if block.output else ""
        return _fenced(block.code, "python") + printed
    return _to_run(block)


def _items(block: Items, say: Callable[[str], str]) -> str:
    shown = []
    for i, blocks in enumerate(block.items, 1):
        lead = f"{i}. " if block.ordered else "- "
        text = "\n\n".join(_block(each, say) for each in blocks)
        shown.append(lead + text.replace("\n", "\n" + " " * len(lead)))
    return "\n".join(shown)


def _table(block: Table) -> str:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(each.replace("|", r"\|") for each in cells) + " |"

    rule = ["---:" if right else "---" for right in block.right]
    rows = [[_inline(cell) for cell in each] for each in (block.header, *block.rows)]
    return "\n".join([row(rows[0]), row(rule), *map(row, rows[1:])])


def _view(block: View, say: Callable[[str], str]) -> str:
    written = io.StringIO()
    write_view(Page(written, width=_WIDTH, color=False), block, say)
    caption = _inline(block.caption) if block.caption and not block.drag else ""
    return _fenced(written.getvalue().strip("\n")) + (f"\n\n{caption}" if caption else "")


def _exercise(block: LessonExercise, say: Callable[[str], str]) -> str:
    made = exercises.as_exercise(block)
    question = block.question or exercises.in_backticks(say(made.question))
    choices = block.choices
    if block.generated is not None:
        choices = tuple(Choice(exercises.in_backticks(say(each)), ()) for each in made.choices)
    asked = f"**{say('Exercise')} {block.id.partition('/')[2]}** {_inline(question)}"
    return f"{asked}\n\n{_choices(choices)}" if choices else asked


def _choices(choices: Sequence[Choice]) -> str:
    return "\n".join(f"{i}. {_inline(each.text)}" for i, each in enumerate(choices, 1))


def _to_run(block: RealRun | Repair) -> str:
    if isinstance(block, Repair):
        commands = [
            f"chainrule learn repair {block.name} -o {block.script}",
            f"chainrule {block.judge} {block.script}",
        ]
    else:
        commands = [f"chainrule explain {block.fault}"]
    return f"{_inline(block.text)}\n\n{_fenced(chr(10).join(commands))}"


def _inline(parts: Inline) -> str:
    return "".join(map(_part, parts))


def _part(part: Part) -> str:
    if isinstance(part, Plain):
        return _escaped(part.text)
    if isinstance(part, Code):
        return f"`{part.text}`"
    if isinstance(part, Mathematics):
        return f"${part.latex}$"
    if isinstance(part, Marked):
        sign = "**" if part.strong else "*"
        return f"{sign}{_inline(part.parts)}{sign}"
    if isinstance(part, Link):
        if part.target.startswith(_LESSON):  # an address of the page; a notebook has none
            return _inline(part.parts)
        return f"[{_inline(part.parts)}]({part.target})"
    assert isinstance(part, NewLine)
    return "  \n"


def _escaped(text: str) -> str:
    for sign in ("\\", "*", "_", "`", "$", "<"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text.rstrip()}\n```"
