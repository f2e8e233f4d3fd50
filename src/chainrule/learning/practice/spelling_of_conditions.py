"""Conditions as factors: diag(W x > 0), 1[x > 0], 𝟙_{x ≥ 0}, step(x), 3 if x > 1 else 0.

All of them become where(c, a, b), which is a where c is positive and b elsewhere.
"""

import re
from collections.abc import Collection
from itertools import pairwise

from chainrule.calculus.functions import FUNCTIONS
from chainrule.records.message import Message

from .spelling import Spelled

_SIGN = re.compile(r"[<>]=?")

_ONE = "1𝟙𝟏I"
"""What is written before a condition in brackets: 1 where it holds."""

_STEPS = ("unit_step", "heaviside", "Heaviside", "step", "H", "Θ", "θ")
"""Names of the function that is 1 where its argument is positive and 0 where it is negative."""

_OPENING, _CLOSING = "([", ")]"


def with_conditions(spelled: Spelled, known: Collection[str]) -> Spelled:
    """A text whose comparisons and step functions are calls of `where`.

    At the border itself, as in W x >= 0, nothing is compared: there a slope does not exist.

    Args:
        spelled: With parentheses for braces.
        known: Names of the question, which stand for themselves.

    Raises:
        FormulaError: If a derivative of a function is left to be written out, as in relu'(x).
    """
    _refuse_primes(spelled, known)
    spelled = spelled.replaced("[≥⩾]", ">=").replaced("[≤⩽]", "<=")
    spelled = _alternatives(spelled)
    place = 0
    while found := _SIGN.search(spelled.text, place):
        spelled, place = _compared(spelled, found.start(), known)
    return _steps(spelled, known)


def _refuse_primes(spelled: Spelled, known: Collection[str]) -> None:
    functions = "|".join(sorted((*FUNCTIONS, "σ", "ReLU"), key=len, reverse=True))
    for found in re.finditer(rf"(?<!\w)({functions})\s*['′ᵀ]\s*(?=\()", spelled.text):
        if found[1] not in known:
            raise spelled.error(
                Message(
                    "Expected the derivative written out, found {found}: say what the derivative "
                    "of {function} is.",
                    found=f"{found[1]}′",
                    function=found[1],
                ),
                found.start(),
            )


_ELSE = re.compile(
    r"\s*,?\s+(?:if|for)\s+(?P<condition>[^,;]+?)"
    r"(?:\s*,?\s+(?:else|otherwise)\s+(?P<second>.+)|[,;]\s*(?P<last>.+?)\s*,?\s+otherwise)\s*\Z"
)


def _alternatives(spelled: Spelled) -> Spelled:
    """A if c else b, or a if c, b otherwise: of the whole or in parentheses."""
    while found := re.search(r"\s(?:if|for)\s", spelled.text):
        start, end = _around(spelled.text, found.start())
        told = _ELSE.search(spelled.text[start:end])
        if told is None:
            return spelled
        first = spelled.text[start : start + told.start()].strip()
        new = f"where({told['condition']}, {first}, {(told['second'] or told['last']).strip()})"
        spelled = spelled.exchanged(start, end, new)
    return spelled


def _around(text: str, place: int) -> tuple[int, int]:
    """Where the brackets that a place stands in begin and end inside; the whole if in none."""
    start, depth = 0, 0
    for at in range(place - 1, -1, -1):
        depth += (text[at] in _CLOSING) - (text[at] in _OPENING)
        if depth < 0:
            start = at + 1
            break
    depth = 0
    for at in range(place, len(text)):
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        if depth < 0:
            return start, at
    return start, len(text)


def _compared(spelled: Spelled, sign: int, known: Collection[str]) -> tuple[Spelled, int]:
    """A text with the comparison at a sign as a call, and where to look for the next."""
    text = spelled.text
    start, end = _around(text, sign)
    if start == 0 or end == len(text):
        return spelled, sign + 1  # in no brackets it may end anywhere
    commas = [start - 1, *_at_top(text, start, end, re.compile(",")), end]
    left = max(each for each in commas if each < sign) + 1
    right = min(each for each in commas if each > sign)
    signs = _at_top(text, left, right, _SIGN)
    ends = [_SIGN.match(text, each) for each in signs]
    sides = [
        text[a:b].strip()
        for a, b in zip(
            [left, *(each.end() for each in ends if each)], [*signs, right], strict=True
        )
    ]
    if not all(sides):
        return spelled, sign + 1
    conditions = [
        _positive(one, text[at], other)
        for (one, other), at in zip(pairwise(sides), signs, strict=True)
    ]
    if left == start and text[: start - 1].endswith("where") and len(conditions) == 1:
        return spelled.exchanged(left, right, conditions[0]), left
    made = "*".join(f"where({each}, 1, 0)" for each in conditions)
    alone = left == start and right == end
    if not alone or _is_call(text[: start - 1]):
        return spelled.exchanged(left, right, made), left
    begin = _begin_of_factor(text, start - 1, known)
    before = text[:begin].rstrip()[-1:]
    made = f"({made})" if len(conditions) > 1 else made
    made = f"·{made}" if before.isalnum() or before in (")", "]", "ᵀ") else made
    return spelled.exchanged(begin, end + 1, made), begin


def _at_top(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[int]:
    """Where a pattern is found between two places, in no brackets of its own."""
    found = []
    depth = 0
    for at in range(start, end):
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        if depth == 0 and pattern.match(text, at):
            found.append(at)
    return found


def _is_call(before: str) -> bool:
    """Whether what stands before parentheses is the name of a function."""
    word = re.search(r"(?<!\w)[A-Za-z]\w*\Z", before)
    return word is not None and word[0] in FUNCTIONS


def _begin_of_factor(text: str, opening: int, known: Collection[str]) -> int:
    """Where the brackets of a condition begin, with the 1 of an indicator before them."""
    found = re.search(rf"(?<![\w.])(?P<one>[{_ONE}]|ind(?:icator)?)\s*_?\s*\Z", text[:opening])
    if found is not None and found["one"] not in known:
        return found.start()
    return opening - 1 if text[opening - 1 : opening] == "_" else opening


def _positive(left: str, sign: str, right: str) -> str:
    large, small = (left, right) if sign == ">" else (right, left)
    return f"({large}) - ({small})"


def _steps(spelled: Spelled, known: Collection[str]) -> Spelled:
    """step(z) and heaviside(z, 0) as where(z, 1, 0)."""
    names = "|".join(each for each in _STEPS if each not in known)
    place = 0
    pattern = re.compile(rf"(?<!\w)(?:{names})\(")
    while names and (found := pattern.search(spelled.text, place)):
        start, end = _around(spelled.text, found.end())
        commas = _at_top(spelled.text, start, end, re.compile(","))
        inside = spelled.text[start : min([*commas, end])]
        if end == len(spelled.text):
            return spelled
        spelled = spelled.exchanged(found.start(), end, f"where({inside}, 1, 0")
        place = found.start() + 1
    return spelled.replaced(rf"(?<![\w.])[{_ONE}]_(?=\()", "")
