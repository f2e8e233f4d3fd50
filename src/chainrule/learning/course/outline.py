"""What is said of a lesson before it is opened, and how a file that cannot be read says so."""

from collections.abc import Mapping
from dataclasses import dataclass

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
