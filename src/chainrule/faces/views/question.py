"""What a question of a view is: its parameters, what it is asked of, and how it is refused."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from chainrule.records.json_values import Json
from chainrule.records.shortened import brief
from chainrule.store import RunFileError, RunReader, run_paths

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and in a few words what."""


class Refusal(Exception):
    """A question that cannot be answered, for a reason that its asker can change.

    Attributes:
        sentence: What was expected, what was found and what to do.
        field: The parameter that is to blame, if it is one.
        column: Where in the text of that parameter, counted from 0.
        text: That text.
        instead: The question that the same can be asked, if there is one.
    """

    def __init__(
        self,
        sentence: str,
        *,
        field: str | None = None,
        column: int | None = None,
        text: str | None = None,
        instead: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.column = column
        self.text = text
        self.instead = instead

    def document(self) -> dict[str, Json]:
        """`{"error": {"sentence": …}}`, with what else is known of it."""
        known: dict[str, Json] = {
            "field": self.field,
            "column": self.column,
            "text": self.text,
            "instead": self.instead,
        }
        error = {name: value for name, value in known.items() if value is not None}
        return {"error": {"sentence": self.sentence, **error}}


class Written(str):
    """A parameter as it stands in a URL, where `12` may be a number or the name of a run.

    It is whichever the question takes it for.
    """

    __slots__ = ()

    def read(self) -> Json:
        """The JSON value that it is; itself as a text if it is none."""
        try:
            value: Json = json.loads(self, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return str(self)
        return value


class Parameters:
    """Parameters of a question; each is checked where it is taken.

    Args:
        values: By name, as they came. None stands for a parameter that was not given.
    """

    def __init__(self, values: Mapping[str, Json] | None = None) -> None:
        self._values = {n: v for n, v in (values or {}).items() if v is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def any(self, name: str) -> Json:
        """A parameter whatever it is; None if it was not given."""
        value = self._values.get(name)
        return value.read() if isinstance(value, Written) else value

    def text(self, name: str, default: str | None = None) -> str:
        """A text.

        Raises:
            Refusal: If it is none, or was not given and has no default.
        """
        value = self._values.get(name)
        if isinstance(value, Written):
            read = value.read()
            return read if isinstance(read, str) else str(value)
        value = self._given(name, default, "a text")
        return value if isinstance(value, str) else self._refuse(name, "a text", value)

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number.

        Raises:
            Refusal: If it is none, or was not given and has no default.
        """
        value = self._given(name, default, "a whole number")
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self._refuse(name, "a whole number", value)

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number.

        Raises:
            Refusal: If it is none, or was not given and has no default.
        """
        value = self._given(name, default, "a number")
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
        return self._refuse(name, "a finite number", value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false.

        Raises:
            Refusal: If it is neither.
        """
        value = self._given(name, default, "true or false")
        return value if isinstance(value, bool) else self._refuse(name, "true or false", value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts, as a list or as one text with commas between.

        Raises:
            Refusal: If it is no list of texts, or was not given.
        """
        value = self._given(name, None, "a list of texts")
        if isinstance(value, str):
            return tuple(value.split(","))
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(str(item) for item in value)
        return self._refuse(name, "a list of texts", value)

    def numbers(self, name: str) -> dict[str, float]:
        """Finite numbers by name, as for a point; empty if none were given.

        Raises:
            Refusal: If it is no such mapping.
        """
        value = self.any(name) or {}
        if not isinstance(value, dict):
            return self._refuse(name, 'numbers by name, such as {"x": 1}', value)
        inside = Parameters(value)
        try:
            return {key: inside.number(key) for key in value}
        except Refusal as refusal:
            raise Refusal(f"{name}: {refusal.sentence}", field=name) from None

    def _given(self, name: str, default: Json, kind: str) -> Json:
        value = self.any(name)
        value = default if value is None else value
        if value is None:
            raise Refusal(f"Expected {kind} for `{name}`, found nothing.", field=name)
        return value

    def _refuse(self, name: str, kind: str, value: Json) -> NoReturn:
        raise Refusal(f"Expected {kind} for `{name}`, found {brief(repr(value))}.", field=name)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _unheard(done: int, total: int, sentence: str) -> None:
    """Progress that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Context:
    """What questions are asked of.

    Attributes:
        folder: The folder of run files.
        file: A run file that was named by its path. It alone goes by its name, whatever else in
            the folder has that name or another suffix.
        progress: To be called from time to time by an answer that takes long.
    """

    folder: Path
    file: Path | None = None
    progress: Progress = _unheard

    def run_files(self) -> dict[str, Path]:
        """Run files by name, the one written last first."""
        found: dict[str, Path] = {}
        if self.file is not None and self.file.suffix != ".db":
            found[self.file.stem] = self.file
        for path in run_paths(self.folder):
            found.setdefault(path.stem, path)
        return found

    def run_file(self, name: str) -> Path:
        """The file of a run.

        Args:
            name: One of the listing; never a path.

        Raises:
            Refusal: If no run of that name is in the folder.
        """
        there = self.run_files()
        if name not in there:
            known = ", ".join(list(there)[:5]) or "none"
            raise Refusal(
                f"Expected the name of a run, found {brief(name)!r}, which is not in this folder "
                f"(latest there: {known}).",
                field="run",
            )
        return there[name]

    def open(self, name: str) -> RunReader:
        """Open a run of the folder; to be closed by who opens it (`with`).

        Raises:
            Refusal: If no run of that name is there, or its file cannot be read.
        """
        try:
            return RunReader(self.run_file(name))
        except RunFileError as error:
            raise Refusal(str(error), field="run") from error


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a view can ask.

    Attributes:
        name: By which it is asked.
        answer: Makes the document, a dict of JSON values; raises `Refusal`.
        long: True if it needs torch or more than a moment: then it is answered in a process of
            its own, calls `Context.progress`, and may be killed at any time.
        by_post: True if it changes what is kept, or hands out what is the learner's own: a server
            answers it by POST alone, which no page of another origin can send.
    """

    name: str
    answer: Callable[[Parameters, Context], Mapping[str, object]]
    long: bool = False
    by_post: bool = False
