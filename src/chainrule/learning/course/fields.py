"""What an author wrote in TOML, taken out field by field with its type checked."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from chainrule.records.shortened import brief

from .outline import LessonError

T = TypeVar("T")

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def read_table(text: str, file: str, line: int) -> dict[str, Any]:
    """A TOML table.

    Args:
        text: As it was written.
        file: Where, for messages.
        line: The line of the file on which the text begins.

    Raises:
        LessonError: If it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _PLACE.search(said)
        within = int(place[1]) if place and place[1] else text.count("\n") + 1
        reason = _PLACE.sub("", said)
        raise LessonError(file, line + within - 1, f"Expected TOML: {reason}.") from None


def line_of(key: str, text: str, line: int) -> int:
    """The line of the file on which a key stands; the text's first one if it is not found."""
    found = re.search(rf"^\s*{re.escape(key)}\s*=", text, re.MULTILINE)
    return line + text.count("\n", 0, found.start(0) + len(found[0]) - 1) if found else line


class Fields:
    """The fields of a table; each is taken once, and what is left over is an error.

    Args:
        values: By name.
        what: What the table is, for messages: "an exercise".
        file: The file that it stands in.
        line: Its line there.
        text: As it was written, to find the line of a field in.
    """

    def __init__(
        self, values: Mapping[str, Any], what: str, file: str, line: int, text: str = ""
    ) -> None:
        self._values = dict(values)
        self._what = what
        self._file = file
        self._line = line
        self._text = text

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        value = self._take(name, default, "a text")
        return value if isinstance(value, str) else self.refuse(name, "a text", value)

    def one_of(self, name: str, known: Sequence[str], default: str | None = None) -> str:
        """One of several words."""
        value = self.text(name, default)
        if value not in known:
            self.refuse(name, f"one of {', '.join(known)}", value)
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        value = self._take(name, default, "a whole number")
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self.refuse(name, "a whole number", value)

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        return self._list(name, default, str, "a list of texts")

    def wholes(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...]:
        """A list of whole numbers."""
        return self._list(name, default, int, "a list of whole numbers")

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._take(name, default, "true or false")
        return value if isinstance(value, bool) else self.refuse(name, "true or false", value)

    def any(self, name: str, default: Any = None) -> Any:
        """Whatever stands there."""
        return self._values.pop(name, default)

    def point(self, name: str, number: Callable[[Any, str], float]) -> dict[str, float]:
        """Numbers by name.

        Args:
            name: Of the field.
            number: What reads one, given the value and where it stands.
        """
        value = self._values.pop(name, {})
        if not isinstance(value, dict):
            self.refuse(name, "numbers by name, such as { x = 1 }", value)
        return {key: number(each, f"{name}.{key}") for key, each in value.items()}

    def end(self) -> None:
        """Say so if there is a field that nobody took."""
        for name in self._values:
            self.error(f"Expected no field `{name}` in {self._what}.", name)

    def error(self, sentence: str, name: str = "") -> NoReturn:
        """Raise a LessonError at a field."""
        line = line_of(name, self._text, self._line) if name else self._line
        raise LessonError(self._file, line, sentence) from None

    def refuse(self, name: str, kind: str, value: object) -> NoReturn:
        """Raise a LessonError that says what was expected of a field."""
        self.error(f"Expected {kind} for `{name}` of {self._what}, found {_said(value)}.", name)

    def _take(self, name: str, default: Any, kind: str) -> Any:
        value = self._values.pop(name, default)
        if value is None:
            self.error(f"Expected {kind} for `{name}` of {self._what}, found nothing.")
        return value

    def _list(
        self, name: str, default: Sequence[T] | None, item: type[T], kind: str
    ) -> tuple[T, ...]:
        value = self._take(name, default, kind)
        good = isinstance(value, list | tuple) and all(isinstance(each, item) for each in value)
        if not good or any(isinstance(each, bool) for each in value):
            self.refuse(name, kind, value)
        return tuple(value)


def _said(value: object) -> str:
    return brief(repr(value))
