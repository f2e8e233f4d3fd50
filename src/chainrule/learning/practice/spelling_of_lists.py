"""Lists as people type them, and the comma, which parts entries or decimals.

(a, b), <a, b>, a, b, and ∂f/∂x = a, ∂f/∂y = b are lists. In 0,5x the comma is that of decimals; in
(0,5x; 2y) so it is, and the semicolon parts the entries.
"""

import re
from collections.abc import Set

from .spelling import Spelled

_LEFT_SIDE = re.compile(r"(\A|,)\s*(?:[^,;=()<>!]|\((?:[^()=]|\([^()=]*\))*\))+=(?!=)")
"""What stands left of the equals sign of an entry, with the comma before it."""

_TURNED = re.compile(r"(?<=[)\]}>⟩])\s*(?:\^\s*\{?\s*(?:T|⊤|\\top)\s*\}?|\.T|ᵀ|')\s*\Z")
"""A transpose behind a list, which says that it stands upright."""

_DECIMALS = re.compile(r"(?<=\d),(?=\d)")


def listed(spelled: Spelled) -> Spelled:
    """A list in whatever brackets as [a, b]."""
    text = spelled.text.strip()
    start = spelled.text.find(text)
    end = start + len(text)
    if not text or not has_outer_comma(text) or text.startswith("["):
        return spelled
    if _is_enclosed(text):
        return spelled.with_ends(start + 1, end - 1, "[", "]")
    return spelled.with_ends(start, end, "[", "]")


_AND = r"(?<=[\w)²³⁴]) +(?:and|und) +(?=[\w(+∂−-])"
_FIRST = re.compile(r"\s*[*·]?\s*(?<!\w)i\s*(?P<sign>[+−-])(?!\w*i\b)")
_LAST = re.compile(r"\s*[*·]?\s*(?<!\w)j\s*\Z")


def with_commas(spelled: Spelled, known: Set[str]) -> Spelled:
    """Entries that are joined by "and", or by the unit vectors i and j, with commas between."""
    if not known & {"and", "und"}:
        spelled = spelled.replaced(_AND, ", ")
    first, last = [*_FIRST.finditer(spelled.text)], _LAST.search(spelled.text)
    if len(first) != 1 or last is None or known & {"i", "j"}:
        return spelled
    minus = "" if first[0]["sign"] == "+" else "-"
    return spelled.cut(0, last.start()).exchanged(first[0].start(), first[0].end(), f", {minus}")


def has_outer_comma(text: str) -> bool:
    """Whether a comma stands in no brackets, or in those around the whole alone."""
    least = 1 if _is_enclosed(text) else 0
    depth = 0
    for each in text:
        depth += (each in "([⟨<") - (each in ")]⟩>")
        if each == "," and depth == least:
            return True
    return False


def _is_enclosed(text: str) -> bool:
    """Whether one pair of brackets is around the whole."""
    depth = 0
    for place, each in enumerate(text):
        depth += (each in "([⟨<") - (each in ")]⟩>")
        if depth == 0 and place < len(text) - 1:
            return False
    return text[0] in "(<⟨" and text[-1] in ")>⟩"


def without_turning(text: str) -> str:
    """A list without the transpose behind it; anything else as it is."""
    found = _TURNED.search(text)
    if found is None:
        return text
    before = text[: found.start()].strip()
    around = before[:1] + before[-1:] in ("()", "[]", "<>", "⟨⟩", "{}")
    inside = before[1:-1]
    return text[: found.start()] if around and inside and has_outer_comma(inside) else text


def without_left_sides(spelled: Spelled) -> Spelled:
    """∂f/∂x = a, ∂f/∂y = b as a, b; anything else as it is."""
    found = [*_LEFT_SIDE.finditer(spelled.text)]
    if len(found) < 2 or found[0].start() > 0:
        return spelled
    return spelled.replaced(_LEFT_SIDE.pattern, lambda found: found[1])


def has_decimal_commas(text: str) -> bool:
    """Whether a text may have commas of decimals, or semicolons that part entries beside them."""
    return ";" in text or _DECIMALS.search(text) is not None


def with_rows_bracketed(answer: str) -> str:
    """Rows that are parted by semicolons, as in [a, b; c, d] or ((a, b); (c, d)), in brackets.

    A text without semicolons in brackets stays as it is; definitions behind it do, too.
    """
    depth, start, pieces, ends = 0, -1, [], []
    for place, sign in enumerate(answer):
        depth += (sign in "([") - (sign in ")]")
        if sign in "([" and depth == 1 and start < 0:
            start = place
        if sign == ";" and depth == 1:
            ends.append(place)
        if sign in ")]" and depth == 0 and ends:
            begins = [start + 1, *(end + 1 for end in ends)]
            rows = [answer[a:b].strip() for a, b in zip(begins, [*ends, place], strict=True)]
            pieces = [each if _is_bracketed(each) else f"[{each}]" for each in rows if each]
            return f"{answer[:start]}[{', '.join(pieces)}]{answer[place + 1 :]}"
        if depth == 0:
            start, ends = -1, []
    return answer


def _is_bracketed(row: str) -> bool:
    """Whether one pair of brackets is around a row."""
    return row[:1] in ("(", "[") and row[-1:] in (")", "]") and _is_one_pair(row)


def _is_one_pair(row: str) -> bool:
    depth = 0
    for place, each in enumerate(row):
        depth += (each in "([") - (each in ")]")
        if depth == 0 and place < len(row) - 1:
            return False
    return True


def with_decimal_points(spelled: Spelled) -> Spelled:
    """A text whose commas between digits are those of decimals, and whose semicolons part.

    A semicolon before a definition, as in `2u; u = x^2`, stays.
    """
    return spelled.replaced(_DECIMALS.pattern, ".").replaced(r";(?!\s*\w+\s*=)", ",")
