"""What a user typed, short enough for a message: a name of ten thousand letters is not echoed."""

import re

from .message import Message

MOST_CHARACTERS = 60
"""Of what a user typed, in a message: more than fits a line says no more than its two ends."""

MOST_NAMES = 10
"""Names that a message lists."""

_LONG = re.compile(rf"\S{{{MOST_CHARACTERS + 1},}}")
_PATH = re.compile(r"[^()*^+=\s]*[/\\][^()*^+=\s]*")
"""What is of use only as a whole."""

_LIST = re.compile(rf"(?:[^\s,;()]+, ){{{MOST_NAMES},}}(?:(?:and |or )?[^\s,;()]*[^\s,;().])")


def brief(text: str) -> str:
    """The text, or its two ends if it is longer than `MOST_CHARACTERS`."""
    if len(text) <= MOST_CHARACTERS:
        return text
    side = (MOST_CHARACTERS - 3) // 2
    return f"{text[:side].rstrip()} … {text[-side:].lstrip()}"


def shortened(message: str) -> str:
    """A message in which words without end are cut and lists of names end after some of them."""
    if len(message) <= MOST_CHARACTERS:
        return message
    if isinstance(message, Message):
        fields = {name: _shortened_field(each) for name, each in message.fields.items()}
        return Message(message.template, **fields)
    return _LIST.sub(_some, _LONG.sub(_cut, message))


def _shortened_field(value: object) -> object:
    if isinstance(value, Message):
        return shortened(value)
    if not isinstance(value, str):
        return value
    return _some(found) if (found := _LIST.fullmatch(value)) else _LONG.sub(_cut, value)


def _cut(found: re.Match[str]) -> str:
    word = found[0]
    return word if _PATH.fullmatch(word) else brief(word).replace(" … ", "…")


def _some(found: re.Match[str]) -> Message:
    names = found[0].split(", ")
    shown = ", ".join(names[:MOST_NAMES])
    return Message("{shown} and {count} more", shown=shown, count=len(names) - MOST_NAMES)
