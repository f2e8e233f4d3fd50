"""What can be wrong with a typed formula.

FormulaError   what was expected, what was found, at which column, and what to do
"""

from chainrule.records.message import Message, Translate, told
from chainrule.records.shortened import shortened

WINDOW = 60
"""Characters of a long formula that an error shows: they fit an 80-column terminal with the
indentation, and leave room for what stands on both sides of the mistake."""


class FormulaError(ValueError):
    """A formula cannot be read or evaluated; the message is for the user as it is.

    Args:
        message: One or two sentences, without the place; words and lists without end are cut. As a
            `Message` it can be told in another language.
        text: The formula.
        position: Where in the text, counted from 0; None if it is about the whole.

    Attributes:
        column: The place counted from 1, as the message says it; None without one.
    """

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        super().__init__(message, text, position)
        self._message = message
        self._text = text
        self.column = None if position is None else position + 1

    # The words are made when they are read: a search through readings meets hundreds of errors
    # that nobody reads.

    @property
    def reason(self) -> str:
        """The sentences alone."""
        return shortened(self._message)

    def __str__(self) -> str:
        return self.told(str)

    def told(self, translate: Translate) -> str:
        """The whole of it in another language: the sentences, and below them the place."""
        reason = told(self.reason, translate)
        if self.column is None:
            return reason
        return f"{reason}\n{excerpt(self._text, self.column - 1, translate)}"


def excerpt(text: str, position: int, translate: Translate = str) -> str:
    """Two or three lines that show a place in a text: the column, the text, a caret below it.

    Args:
        text: One long line or several; only a window around the place is shown.
        position: Counted from 0; the length of the text means its end.
        translate: To another language.
    """
    start = max(0, min(position - WINDOW // 2, len(text) - WINDOW))
    end = start + WINDOW
    before = "…" if start > 0 else ""
    after = "…" if end < len(text) else ""
    # a tab or an escape sequence would move the caret away from its column
    shown = "".join(c if c.isprintable() else " " for c in text[start:end])
    caret = " " * (len(before) + position - start) + "^"
    column = told(Message("column {column}", column=position + 1), translate)
    return f"  {column}:\n    {before}{shown}{after}\n    {caret}"
