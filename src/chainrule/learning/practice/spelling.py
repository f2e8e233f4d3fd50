"""A text that is translated piece by piece, and still knows where each character came from."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from chainrule.calculus.errors import FormulaError


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text and the place of each of its characters in what was typed.

    Attributes:
        text: As it is now.
        origins: For each character its place in what was typed, and the place of the end.
        typed: What was typed.
    """

    text: str
    origins: tuple[int, ...]
    typed: str

    @classmethod
    def of(cls, text: str) -> "Spelled":
        """What was typed."""
        return cls(text, tuple(range(len(text) + 1)), text)

    def error(self, message: str, position: int) -> FormulaError:
        """What is wrong at a character of this text, said of what was typed."""
        return FormulaError(message, self.typed, self.place(position))

    def place(self, position: int) -> int:
        """Where a character of this text was typed."""
        return self.origins[min(position, len(self.origins) - 1)]

    def cut(self, start: int, end: int) -> "Spelled":
        """A piece of it."""
        return Spelled(self.text[start:end], self.origins[start : end + 1], self.typed)

    def with_ends(self, start: int, end: int, before: str, after: str) -> "Spelled":
        """A piece of it with something before and something after it."""
        origins = (
            *[self.origins[start]] * len(before),
            *self.origins[start:end],
            *[self.origins[end]] * (len(after) + 1),
        )
        return Spelled(before + self.text[start:end] + after, origins, self.typed)

    def exchanged(self, start: int, end: int, text: str) -> "Spelled":
        """A piece of it as something else, whose characters came from where the piece begins.

        What the piece and the new text have in common at their end keeps its places.
        """
        kept = 0
        old = self.text[start:end]
        while kept < min(len(old), len(text)) and old[-1 - kept] == text[-1 - kept]:
            kept += 1
        origins = (
            *self.origins[:start],
            *[self.origins[start]] * (len(text) - kept),
            *self.origins[end - kept :],
        )
        return Spelled(self.text[:start] + text + self.text[end:], origins, self.typed)

    def replaced(self, pattern: str, by: str | Callable[[re.Match[str]], str]) -> "Spelled":
        """All places where a pattern is found, written otherwise, from left to right."""
        found = self
        for match in reversed([*re.finditer(pattern, self.text)]):
            new = by if isinstance(by, str) else by(match)
            if new != match[0]:
                found = found.exchanged(match.start(), match.end(), new)
        return found
