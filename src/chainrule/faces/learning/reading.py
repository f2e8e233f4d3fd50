"""A lesson on a terminal or a pipe: its text, its views as text, its questions asked in place."""

import shlex
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from chainrule.calculus.errors import FormulaError
from chainrule.faces.page import Page, Part
from chainrule.faces.practice import Quit, ReadLine
from chainrule.faces.views.examples import scripts_folder
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
    Plain,
    Prediction,
    Quote,
    RealRun,
    Repair,
    Table,
    View,
)
from chainrule.learning.course.course import REPAIRS
from chainrule.learning.course.lesson import Lesson
from chainrule.learning.locale import catalogue
from chainrule.learning.practice.hints_given import HintsGiven
from chainrule.learning.progress import Progress, ProgressError
from chainrule.records import Grade

from .keeping import keep_answer
from .session_words import SessionWords
from .twins import write_view
from .unicode_mathematics import unicode_mathematics

_LESSON = "#/learn/"


def shown(parts: Inline, style: str = "") -> list[Part]:
    """A text within a line as a page takes it."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Plain):
            found.append((part.text, style))
        elif isinstance(part, Code):
            found.append((part.text, "cyan"))
        elif isinstance(part, Mathematics):
            found.append((unicode_mathematics(part.latex), f"{style} italic".strip()))
        elif isinstance(part, Marked):
            found += shown(part.parts, f"{style} {'bold' if part.strong else 'italic'}".strip())
        elif isinstance(part, Link):
            found += shown(part.parts, f"{style} underline".strip())
            if not part.target.startswith(_LESSON):
                found.append((f" ({part.target})", "dim"))
        elif isinstance(part, NewLine):
            found.append("\n")
    return found


def place_of(example: str) -> str:
    """An example script as a command takes it from here: it may be installed far away."""
    folder = scripts_folder()
    if folder is None:
        return example
    place, here = folder / example, Path.cwd()
    return shlex.quote(str(place.relative_to(here) if place.is_relative_to(here) else place))


class Reading:
    """Writes a lesson.

    Args:
        page: Where to.
        read: Where answers come from; None writes all at once, and asks nothing.
        language: Code of the language of what is said around the text.
        progress: The learner's file, for the answers to exercises; None to keep nothing.
    """

    def __init__(
        self, page: Page, read: ReadLine | None, language: str, progress: Progress | None = None
    ) -> None:
        self.page = page
        self.read = read
        self.progress = progress
        self.say: Callable[[str], str] = catalogue(language).gettext
        self.words = SessionWords.of(self.say)

    def write(self, lesson: Lesson) -> None:
        """Write all of a lesson.

        Raises:
            Quit: If the learner ends it before.
        """
        outline = lesson.outline
        self.page.line()
        self.page.paragraph((f"{outline.number}. {outline.title}", "bold underline"))
        self.page.paragraph((outline.summary, "dim"))
        if self.read is not None:
            self.page.paragraph(
                (self.say("Answers are asked for in place; quit ends the lesson."), "dim")
            )
        for block in lesson.blocks:
            self._block(block)
        self.page.line()

    def _block(self, block: Block, indent: int = 0) -> None:
        if isinstance(block, View):
            write_view(self.page, block, self.say)
            if block.caption and not block.drag:  # here is nothing to drag
                self.page.paragraph(*shown(block.caption, "dim"), indent=2)
        elif isinstance(block, Prediction):
            self._predict(block)
        elif isinstance(block, LessonExercise):
            self._exercise(block)
        elif isinstance(block, RealRun | Cell | Repair):
            self._to_run(block)
        else:
            self._text(block, indent)

    def _text(self, block: Block, indent: int) -> None:
        page = self.page
        if isinstance(block, Paragraph):
            page.line()
            page.paragraph(*shown(block.parts), indent=indent)
        elif isinstance(block, Heading):
            page.line()
            page.paragraph(*shown(block.parts, "bold"))
        elif isinstance(block, Display):
            page.line()
            page.formula("    " + unicode_mathematics(block.latex))
        elif isinstance(block, Listing):
            page.line()
            self._verbatim(block.text)
        elif isinstance(block, Items):
            self._items(block, indent)
        elif isinstance(block, Quote):
            for each in block.blocks:
                self._block(each, indent + 4)
        elif isinstance(block, Table):
            self._table(block)

    def _items(self, block: Items, indent: int) -> None:
        self.page.line()
        for i, blocks in enumerate(block.items, 1):
            lead = f"{i}. " if block.ordered else f"{self.page.glyphs.note} "
            first, *rest = blocks or (Paragraph(()),)
            parts = shown(first.parts) if isinstance(first, Paragraph) else []
            self.page.item(lead, *parts, indent=indent + 2)
            for each in rest if isinstance(first, Paragraph) else blocks:
                self._block(each, indent + 4)

    def _table(self, block: Table) -> None:
        rows = [[self._cell(cell) for cell in row] for row in (block.header, *block.rows)]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        self.page.line()
        if sum(widths) + 2 * len(widths) + 2 > self.page.width:
            for row in rows[1:]:
                for name, cell in zip(rows[0], row, strict=True):
                    self.page.item((f"{name}: ", "bold"), cell, indent=2)
                self.page.line()
            return
        for i, row in enumerate(rows):
            cells = [
                f"{cell:>{width}}" if right else f"{cell:<{width}}"
                for cell, width, right in zip(row, widths, block.right, strict=True)
            ]
            self.page.line((f"  {'  '.join(cells)}".rstrip(), "" if i else "bold"))

    def _cell(self, cell: Inline) -> str:
        return self.page.styled(*shown(cell)).plain

    def _to_run(self, block: RealRun | Cell | Repair) -> None:
        page = self.page
        page.line()
        if isinstance(block, Cell):
            self._verbatim(block.code)
            if block.output:
                page.line(("  " + self.say("It prints:"), "dim"))
                self._verbatim(block.output, "")
            return
        page.paragraph(*shown(block.text))
        if isinstance(block, RealRun):
            name = block.example.removesuffix(".py")
            if (REPAIRS / block.example).is_file():
                page.line((f"  chainrule learn repair {name} -o {block.example}", "cyan"))
                page.line((f"  chainrule run {block.example}", "cyan"))
            else:
                page.line((f"  chainrule run {place_of(block.example)}", "cyan"))
            page.line((f"  chainrule explain {block.fault}", "cyan"))
        else:
            page.line((f"  chainrule learn repair {block.name} -o {block.script}", "cyan"))
            page.line((f"  chainrule {block.judge} {block.script}", "cyan"))

    def _verbatim(self, code: str, style: str = "cyan") -> None:
        for line in textwrap.indent(code.rstrip("\n"), "    ").split("\n"):
            self.page.line((line, style))

    def _predict(self, asked: Prediction) -> None:
        page = self.page
        self._question(self.say("Predict first"), asked.question)
        self._choices(asked.choices)
        chosen = self._choose(len(asked.choices))
        right = asked.choices[asked.answer]
        if chosen is None:
            page.paragraph((f"{asked.answer + 1}. ", "green"), *shown(right.because), indent=2)
        else:
            self._verdict(chosen == asked.answer)
            page.paragraph(*shown(asked.choices[chosen].because), indent=2)
        for block in asked.reveal:
            self._block(block)

    def _choose(self, count: int) -> int | None:
        """Index of a choice; None where nobody is asked, or somebody does not want to say."""
        while self.read is not None:
            line = self._line()
            if line.lower() in self.words.skip or (line and set(line) == {"?"}):
                return None
            if line.isdecimal() and 1 <= int(line) <= count:
                return int(line) - 1
            self.page.paragraph(
                (self.say("Type a number of a choice, skip, or quit.") + f" (1–{count})", "dim")
            )
        return None

    def _exercise(self, asked: LessonExercise) -> None:
        made = exercises.as_exercise(asked)
        question = asked.question or exercises.in_backticks(self.say(made.question))
        self._question(f"{self.say('Exercise')} {asked.id.partition('/')[2]}", question)
        written = asked.generated is not None and made.choices
        choices = asked.choices or tuple(
            Choice(exercises.in_backticks(each), ()) for each in (made.choices if written else ())
        )
        self._choices(choices)
        if self.read is None:
            return
        answer = ""
        given = HintsGiven[Inline]()
        while True:
            line = self._line()
            if line.lower() in self.words.skip:
                return
            if line.lower() in self.words.worked:
                self._work(asked)
                return
            if not line:
                self.page.paragraph(
                    (self.say("Type an answer; ? for a hint, worked, skip, or quit."), "dim")
                )
            elif set(line) == {"?"}:
                found = exercises.hints(asked, answer, self.say)
                self.page.paragraph(*shown(given.next(found, len(line))), indent=2)
            else:
                answer = line
                if choices and line.isdecimal() and int(line) >= 1:
                    answer = str(int(line) - 1)
                given.answered()
                if self._right(asked, answer, given.most):
                    return

    def _right(self, asked: LessonExercise, answer: str, hints: int) -> bool:
        page = self.page
        try:
            judged = exercises.judge(asked, answer)
            if judged.grade.question is not None:
                page.paragraph(*self._told(judged.grade.question), indent=2)
                reply = self._line()
                if reply and set(reply) != {"?"}:
                    judged = exercises.judge(asked, answer, reply)
        except FormulaError as error:
            said = (
                self.say("Type a number of a choice, skip, or quit.")
                if asked.kind == "choice"
                else error.told(self.say)
            )
            page.paragraph((said, "yellow"), indent=2)
            return False
        self._keep(asked, answer, judged.grade, hints)
        self._verdict(judged.grade.correct)
        if judged.because:
            page.paragraph(*shown(judged.because), indent=2)
        if judged.grade.note is not None:
            page.paragraph(*self._told(judged.grade.note), indent=2)
        if not judged.grade.correct:
            for each in judged.grade.diagnoses:
                page.paragraph(*self._told(each.message), indent=2)
        return judged.grade.correct

    def _keep(self, asked: LessonExercise, answer: str, grade: Grade, hints: int) -> None:
        """Keep an answer; if that fails say so once, and go on without."""
        if self.progress is None:
            return
        try:
            keep_answer(self.progress, asked, answer, grade, hints=hints)
        except ProgressError as error:
            self.page.paragraph((self.say(error.reason), "yellow"))
            self.progress = None

    def _work(self, asked: LessonExercise) -> None:
        text = asked.worked or (asked.choices[asked.answer].because if asked.choices else ())
        if text:
            self.page.paragraph(*shown(text), indent=2)
            return
        if asked.kind == "value":
            self.page.paragraph(f"{asked.value:.4g}", indent=2)
            return
        from chainrule.faces.worked_solution import write_solution
        from chainrule.learning.practice import worked

        def write_sentence(sentence: str) -> None:
            self.page.paragraph(*self._told(sentence), indent=2)

        write_solution(self.page, worked(exercises.practised(asked)), write_sentence, self.say)

    def _question(self, lead: str, question: Inline) -> None:
        self.page.line()
        self.page.item((f"{lead}  ", "bold yellow"), *shown(question))

    def _choices(self, choices: Sequence[Choice]) -> None:
        for i, choice in enumerate(choices, 1):
            self.page.item(f"  {i}. ", *shown(choice.text))

    def _verdict(self, right: bool) -> None:
        said = self.say("Right.") if right else self.say("Not yet right.")
        self.page.paragraph((said, "green" if right else "yellow"))

    def _told(self, text: str) -> list[Part]:
        return shown(exercises.in_backticks(self.say(text)))

    def _line(self) -> str:
        line = None if self.read is None else self.read("> ")
        if line is None or line.strip().lower() in self.words.quit:
            raise Quit
        return line.strip()
