"""Points that a command line names, such as `x=3,y=-1,w=[1,2]`."""

import math
import re

from .failure import failed

_NAME = re.compile(r"[^\W\d]\w*\Z")
_DEEPEST = 8  # brackets within brackets: PyTorch itself prints no deeper tensor


Number = float | list["Number"]


def parse_point(text: str, option: str) -> dict[str, Number]:
    """A point by name: numbers, and vectors and matrices in brackets.

    Args:
        text: As typed.
        option: Which option it was given to, for the message.

    Raises:
        CommandFailed: If it cannot be read, names something twice, or a number is not finite.
    """
    found: dict[str, Number] = {}
    for part in _split(text, option):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not _NAME.match(name):
            raise failed(
                "{option} {text!r} cannot be read at {part!r}: write names with their numbers, "
                "such as x=3,y=-1 or w=[1,2].",
                option=option,
                text=text,
                part=part.strip(),
            )
        if name in found:
            raise failed(
                "{option} {text!r} gives {name} twice: give it once.",
                option=option,
                text=text,
                name=name,
            )
        found[name] = _number(value.strip(), name, option)
        _refuse_uneven(found[name], name, option)
    if not found:
        raise failed(
            "{option} is empty: write names with their numbers, such as x=3,y=-1.",
            option=option,
        )
    return found


def _refuse_uneven(value: Number, name: str, option: str) -> None:
    """Rows have to be alike: [[1,2],[3]] is no matrix, and [1,[2]] is nothing."""
    if not isinstance(value, list):
        return
    lengths = {len(row) if isinstance(row, list) else None for row in value}
    if len(lengths) > 1:
        raise failed(
            "{option} gives {name} rows of different lengths: write the same number of entries "
            "in each, such as [[1,2],[3,4]].",
            option=option,
            name=name,
        )
    for row in value:
        _refuse_uneven(row, name, option)


def _split(text: str, option: str) -> list[str]:
    """Cut at the commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth < 0 or depth > _DEEPEST:
            break
        if character == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    if depth != 0:
        raise failed(
            "{option} {text!r} has brackets that do not match: write vectors as w=[1,2].",
            option=option,
            text=text,
        )
    parts.append(text[start:])
    return [] if parts == [""] else parts


def _number(text: str, name: str, option: str) -> Number:
    if text.startswith("[") and text.endswith("]"):
        return [_number(part.strip(), name, option) for part in _split(text[1:-1], option)]
    text = text.replace("−", "-")  # as a page shows it, from which it may be copied
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
        if text.lower() not in ("nan", "inf"):
            raise failed(
                "{option} gives {name} the value {text!r}, which is no number: write one such "
                "as 3, -1.5 or 1e-3, or a list such as [1,2].",
                option=option,
                name=name,
                text=text,
            ) from None
    if not math.isfinite(value):
        raise failed(
            "{option} gives {name} the value {text!r}, which is no finite number: start from one.",
            option=option,
            name=name,
            text=text,
        )
    return value
