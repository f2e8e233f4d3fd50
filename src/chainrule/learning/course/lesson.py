"""A lesson: what its front matter says, and what it is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .blocks import Block, Cell, LessonExercise, Prediction, Repair, View

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
"""Languages of the course by their code, as they call themselves; the first is the original."""


class LessonError(ValueError):
    """A lesson that cannot be read, in a sentence with its file and line.

    Attributes:
        file: The file's name.
        line: Counted from 1; 0 if it is about the file as a whole.
        sentence: What was expected and what was found.
    """

    def __init__(self, file: str, line: int, sentence: str) -> None:
        super().__init__(f"{file}, line {line}: {sentence}" if line else f"{file}: {sentence}")
        self.file = file
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What the front matter says of a lesson.

    Attributes:
        id: As in `chainrule learn chain-rule`.
        number: Its place in the course, from 1.
        title: In the language of the text.
        summary: What it is about, in a sentence.
        minutes: How long it takes.
        skills: Ids of what it teaches.
        difficulties: Numbers of the documented difficulties that it treats.
        faults: Ids of findings that link to it.
        language: Code of the language that it is in.
    """

    id: str
    number: int
    title: str
    summary: str
    minutes: int
    skills: tuple[str, ...]
    difficulties: tuple[int, ...]
    faults: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson, with its numbers computed.

    Attributes:
        outline: What its front matter says.
        numbers: The entries of `[compute]`; formulas are not among them.
        blocks: What it is made of, in order.
    """

    outline: Outline
    blocks: tuple[Block, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)

    def all_blocks(self) -> Iterator[Block]:
        """Every block, those of reveals included."""
        for block in self.blocks:
            yield block
            if isinstance(block, Prediction):
                yield from block.reveal

    @property
    def views(self) -> tuple[View, ...]:
        """Its views."""
        return tuple(block for block in self.all_blocks() if isinstance(block, View))

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Its predictions."""
        return tuple(block for block in self.all_blocks() if isinstance(block, Prediction))

    @property
    def exercises(self) -> tuple[LessonExercise, ...]:
        """Its exercises."""
        return tuple(block for block in self.all_blocks() if isinstance(block, LessonExercise))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells of PyTorch."""
        return tuple(block for block in self.all_blocks() if isinstance(block, Cell))

    @property
    def repair(self) -> Repair | None:
        """The script to repair; None if it has none."""
        found = (block for block in self.all_blocks() if isinstance(block, Repair))
        return next(found, None)
