"""What a lesson is made of: texts with mathematics, and the blocks that one does something with.

All of it is data, with every number computed and put in; a page, a terminal and a notebook draw it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ViewKind = Literal["slope", "derivation", "dependency", "descent", "landscape", "chain"]
VIEW_KINDS: tuple[ViewKind, ...] = (
    "slope",
    "derivation",
    "dependency",
    "descent",
    "landscape",
    "chain",
)

ExerciseKind = Literal["derivative", "value", "choice"]

Judge = Literal["check", "run"]


@dataclass(frozen=True, slots=True)
class Plain:
    """A run of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Code within a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Mathematics:
    """LaTeX within a sentence.

    Attributes:
        latex: As KaTeX draws it.
        speech: How one says it, where it came from the engine; empty otherwise.
    """

    latex: str
    speech: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """Text that stands out.

    Attributes:
        strong: True for bold, False for italics.
        parts: What is inside.
    """

    strong: bool
    parts: "Inline"


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `#/learn/<id>` leads to another lesson.

    Attributes:
        target: A URL, or what stands behind the # of the page.
        parts: What is inside.
    """

    target: str
    parts: "Inline"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line break that the author asked for."""


Part = Plain | Code | Mathematics | Marked | Link | NewLine

Inline = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    parts: Inline


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Attributes:
        level: 2 for a section of the lesson, 3 below it.
        parts: Its text.
    """

    level: int
    parts: Inline


@dataclass(frozen=True, slots=True)
class Items:
    """A list.

    Attributes:
        ordered: Whether its items are numbered.
        items: Blocks of each.
    """

    ordered: bool
    items: "tuple[tuple[Block, ...], ...]"


@dataclass(frozen=True, slots=True)
class Quote:
    """A block that is set apart."""

    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        header: A cell a column.
        rows: A cell a column.
        right: Whether a column is aligned to the right, for each.
    """

    header: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on a line of its own; the fields are those of `Mathematics`."""

    latex: str
    speech: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Code to read, which is not run."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture of a formula, or of a chain of layers.

    Attributes:
        kind: Which.
        formula: As one types it; empty for `chain`.
        wrt: By which variable it is differentiated; empty where that is not said.
        at: The point to begin with.
        drag: The one thing to drag; empty for a picture to look at.
        settings: What else the kind has, such as `lr` or `depth`.
        caption: A sentence below it.
    """

    kind: ViewKind
    formula: str = ""
    wrt: str = ""
    at: Mapping[str, float] = field(default_factory=dict)
    drag: str = ""
    settings: Mapping[str, float | str] = field(default_factory=dict)
    caption: Inline = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers.

    Attributes:
        text: The answer.
        because: What is said once it was chosen.
    """

    text: Inline
    because: Inline


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A question before the reveal.

    Attributes:
        number: Which of the lesson's, from 1.
        question: What is asked.
        choices: Two or more.
        answer: Index of the right one.
        reveal: What is shown once one was chosen.
    """

    number: int
    question: Inline
    choices: tuple[Choice, ...]
    answer: int
    reveal: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonExercise:
    """An exercise of a lesson.

    Attributes:
        id: `<lesson>/<number>`, from 1.
        kind: How it is answered.
        skill: Of `learning/skills.py`.
        question: What is asked; empty if the practice engine words it.
        formula: What is to be differentiated; empty for other kinds.
        wrt: By which variable.
        at: The point where the question is asked; empty where it is about the rule.
        generated: Level and seed of an exercise that the generator makes; None otherwise.
        value: The right number of a `value`; None otherwise.
        choices: Of a `choice`.
        answer: Index of the right one.
        hints: Three, of a `value` or a `choice`; other kinds have those of the practice engine.
        worked: How the number is found; may be empty.
    """

    id: str
    kind: ExerciseKind
    skill: str
    question: Inline = ()
    formula: str = ""
    wrt: str = ""
    at: Mapping[str, float] = field(default_factory=dict)
    generated: tuple[int, int] | None = None
    value: float | None = None
    choices: tuple[Choice, ...] = ()
    answer: int = 0
    hints: tuple[Inline, ...] = ()
    worked: Inline = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RealRun:
    """The same thing in a real training run.

    Attributes:
        fault: The id of the finding.
        example: Name of a script, without its folder.
        view: The view of the run to look at; empty for its verdict.
        text: What there is to see.
    """

    fault: str
    example: str
    view: str = ""
    text: Inline = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of PyTorch that is copied and run.

    Attributes:
        code: As it is run.
        output: What it printed when it was run last; None if it has not been.
    """

    code: str
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A script to repair.

    Attributes:
        script: Its file's name.
        name: That without the suffix, by which it is asked for.
        fault: The id of the finding that is to go.
        judge: The command that says so.
        text: What to look for.
    """

    script: str
    name: str
    fault: str
    judge: Judge = "check"
    text: Inline = ()


Block = (
    Paragraph
    | Heading
    | Items
    | Quote
    | Table
    | Display
    | Listing
    | View
    | Prediction
    | LessonExercise
    | RealRun
    | Cell
    | Repair
)
