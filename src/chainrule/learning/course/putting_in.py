"""Numbers into texts: `{{ slope | .3f }}` becomes what was computed."""

import re
from collections.abc import Mapping
from typing import Literal

from .compute import Entry, Worded

Style = Literal["text", "mathematics", "code", "speech"]

DEFAULT = ".4g"
FORMULA_FORMS = ("latex", "text", "speech", "code")

_PLACE = re.compile(r"\{\{\s*([A-Za-z]\w*)\s*(?:[|\ue000]\s*([^{}]*?)\s*)?\}\}")
_EXPONENT = re.compile(r"(.*)e([+-])0*(\d+)$")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

BAR = "\ue000"
"""Stands for the | of a place while Markdown is read, to which that is the edge of a cell."""


class NoNumber(ValueError):
    """A place for a number that there is not, or in a format that is none."""


def hide_bars(text: str) -> str:
    """The same text in which no place has a |."""
    return _PLACE.sub(lambda place: place[0].replace("|", BAR), text)


def put_in(text: str, entries: Mapping[str, Entry], style: Style) -> str:
    """A text with its numbers.

    Args:
        text: With places such as `{{ slope | .3f }}`.
        entries: What was computed, by name.
        style: Where it stands: code keeps Python's way of writing numbers, and places with names
            that there are not, which are its own.

    Raises:
        NoNumber: If there is no such entry, or no such format.
    """

    def number(place: re.Match[str]) -> str:
        entry = entries.get(place[1])
        if entry is None:
            if style == "code":
                return place[0].replace(BAR, "|")
            known = ", ".join(entries) or "there is none"
            raise NoNumber(
                f"Expected the name of an entry of [compute] ({known}), found {place[1]}."
            )
        form = place[2] or ""
        if isinstance(entry, Worded):
            return _formula(entry, form, style)
        return written(entry, form, style)

    return _PLACE.sub(number, text)


def spoken(text: str, entries: Mapping[str, Entry]) -> str:
    """Mathematics with a formula of the engine in words; empty where it holds LaTeX or no formula.

    Raises:
        NoNumber: As `put_in`.
    """
    names = [place[1] for place in _PLACE.finditer(text)]
    if "\\" in text or not any(isinstance(entries.get(name), Worded) for name in names):
        return ""
    return put_in(text, entries, "speech")


def written(value: float, form: str = "", style: Style = "text") -> str:
    """A number in one of Python's formats, with − and ·10⁻⁵ unless it is for code.

    Raises:
        NoNumber: If the format is none.
    """
    try:
        whole = form.endswith("d")
        text = _whole(value, form) if whole else format(value + 0.0, form or DEFAULT)
    except ValueError:
        raise NoNumber(f"Expected a format of Python's such as .3f, found {form}.") from None
    if style == "code":
        return text
    power = _EXPONENT.fullmatch(text)
    if power:
        exponent = ("-" if power[2] == "-" else "") + power[3]
        if style == "mathematics":
            return rf"{power[1]} \cdot 10^{{{exponent}}}"
        text = f"{power[1]}·10{exponent.translate(_SUPERSCRIPTS)}"
    return text if style == "mathematics" else text.replace("-", "−")


def _whole(value: float, form: str) -> str:
    if abs(value - round(value)) > 1e-9 * max(1.0, abs(value)):
        raise NoNumber(f"Expected a whole number for the format {form}, found {value:.6g}.")
    return format(round(value), form)


def _formula(entry: Worded, form: str, style: Style) -> str:
    if style == "speech":
        return entry.written("speech")
    form = form or {"text": "text", "mathematics": "latex", "code": "code"}[style]
    if form not in FORMULA_FORMS:
        raise NoNumber(
            f"Expected {', '.join(FORMULA_FORMS)} for a formula, found {form}: it has no `at`, so "
            "it is no number."
        )
    return entry.written(form)
