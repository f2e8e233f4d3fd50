"""A lesson: what its front matter says, and what it is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .blocks import Block, Cell, LessonExercise, Prediction, Repair, View
from .outline import LANGUAGES as LANGUAGES
from .outline import LessonError as LessonError
from .outline import Outline as Outline


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
