"""A typed formula cut into numbers, names, functions, operators and brackets.

Signs that people copy from books mean what they mean there: −, ×, ·, ÷, ², √. What is no part of a
formula is refused here, with what was probably meant.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, cast

from chainrule.records.message import Message

from .errors import FormulaError
from .functions import FUNCTIONS
from .tree import Span

MAX_LENGTH = 10_000
"""Characters of a formula. Himmelblau's function has 41, a network with 200 operations some 4 000;
a megabyte is no formula that anyone typed, and is refused before it is looked at."""

TokenKind = Literal["number", "name", "function", "operator", "power", "postfix", "bracket", "end"]

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_GREEK = "µͰ-ͳͶͷͿΆΈ-ΊΌΎ-ΡΣ-ορ-ϕϗ-ϵϷ-Ͽ"  # all but π and ϖ: in 2πr it is a name of its own
_INDEX = "0-9_₀-₉"
_TOKEN = re.compile(
    rf"""
      (?P<space> \s+ )
    | (?P<number> (?: [0-9]+ \.? [0-9]* | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<name> (?: [{_LATIN}{_GREEK}] | π(?=[{_INDEX}]) ) [{_LATIN}{_GREEK}{_INDEX}]* | [π√∛] )
    | (?P<power> [⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+ )
    | (?P<postfix> ᵀ )
    | (?P<operator> \*\* | [-+*/^@,−–×·⋅∙∗÷∕⁄·] )
    | (?P<bracket> [()\[\]|‖] )
    """,
    re.VERBOSE,
)
_MIXED = re.compile(rf"(?![Δδ])(?:[{_LATIN}]+[{_GREEK}]|[{_GREEK}]+[{_LATIN}])")

_MEANS = dict.fromkeys("−–", "-") | dict.fromkeys("⋅∙·", "·") | {"∗": "*"}
_MEANS |= dict.fromkeys("∕⁄", "/")
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")

_HINTS = {
    "=": "Type only what stands on the right-hand side of the equals sign.",
    ".": "There are no attributes, A.T is written transpose(A), and a decimal point stands between "
    "digits.",
    "{": "Group with ( and ).",
    "}": "Group with ( and ).",
    "_": "Names begin with a letter, such as x_1.",
    "!": "There is no factorial.",
    "%": "Write a percentage as a number such as 0.05.",
    "'": "Write the derivative out, or give it a name without the mark.",
    "ϖ": "Write π.",
    "∞": "A formula is made of finite numbers.",
    "⁺": "Digits are missing after this raised sign.",
    "⁻": "Digits are missing after this raised sign.",
}
_OTHER_BASE = re.compile(r"0[xXbBoO][0-9][0-9a-fA-F]*\b", re.ASCII)
_DIGITS = ("Nd", "Nl", "No")
_TWINS = dict(zip("АВЕКМНОРСТХавеѕіјорсухһ", "ABEKMHOPCTXabesijopcyxh", strict=True))
"""Cyrillic letters, and the Latin ones that they are drawn like."""


class Token(NamedTuple):
    """One piece of a formula.

    Attributes:
        kind: What it is; `power` is a superscript, `postfix` is ᵀ.
        text: As typed.
        means: In plain spelling: `-` for −, `2` for ², `x1` for x₁.
        span: Where it stands.
        spaced: True if there is a space before it.
    """

    kind: TokenKind
    text: str
    means: str
    span: Span
    spaced: bool


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a formula, as they are asked for; the last one is its end.

    Raises:
        FormulaError: If the text is empty or too long; later, if it has a character that no
            formula has.
    """
    if not isinstance(text, str):
        raise FormulaError(f"Expected a formula as text, found {type(text).__name__}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"The formula has {len(text):,} characters, and at most {MAX_LENGTH:,} are read: for "
            "a function of this size write a Python function and take Objective.from_callable."
        )
    if not text or text.isspace():
        raise FormulaError("The formula is empty: type one such as x**2 + sin(y).")
    return _tokens(text)


def _tokens(text: str) -> Iterator[Token]:
    position, spaced = 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unexpected(text, position)
        if match.lastgroup != "space":
            if other := _OTHER_BASE.match(text, position):
                raise _other_base(other)
            yield _token(match, spaced)
        position, spaced = match.end(), match.lastgroup == "space"
    yield Token(kind="end", text="", means="", span=(len(text), len(text)), spaced=spaced)


def _token(match: re.Match[str], spaced: bool) -> Token:
    kind, text = match.lastgroup, match.group()
    means = text
    if kind == "operator":
        means = _MEANS.get(text, text)
    elif kind == "power":
        means = text.translate(_SUPERSCRIPTS)
    elif kind == "name":
        means = unicodedata.normalize("NFKC", text)
        if not means.isidentifier() and means not in FUNCTIONS:
            raise _unexpected(match.string, match.start())
        if _MIXED.match(means):
            raise FormulaError(
                f"{text} mixes Greek and Latin letters: write {text[0]}*{text[1:]} for a product, "
                f"{text[0]}_{text[1:]} for one name.",
                match.string,
                match.start(),
            )
        kind = "function" if means in FUNCTIONS else "name"
    return Token(
        kind=cast(TokenKind, kind), text=text, means=means, span=match.span(), spaced=spaced
    )


def _other_base(match: re.Match[str]) -> FormulaError:
    found = match.group()
    return FormulaError(
        f"{found} reads as a number in another base and as 0 times {found[1:]}: write the number "
        f"with the digits 0 to 9, or 0*{found[1:]}.",
        match.string,
        match.start(),
    )


def _unexpected(text: str, position: int) -> FormulaError:
    character = text[position]
    hint = _HINTS.get(character, "")
    if not hint and character.isalpha():
        hint = "Names are made of Latin and Greek letters, digits and _."
        if character in _TWINS:
            hint = f"It only looks like the Latin {_TWINS[character]}. {hint}"
    elif not hint and unicodedata.category(character) in _DIGITS:
        hint = "Write digits as 0 to 9."
    shown = f"{character!r}" if character.isprintable() else f"the character {character!a}"
    name = unicodedata.name(character, "").lower()
    also = f" ({name})" if name and not character.isascii() else ""
    reason = f"Found {shown}{also}, which no formula has. {hint}"
    return FormulaError(reason.strip(), text, position)


def suggestion(name: str, known: Collection[str]) -> str:
    """` Did you mean 'x'?` for a name that is close to a known one, else nothing."""
    close = difflib.get_close_matches(name.casefold(), known, n=1) or difflib.get_close_matches(
        name, known, n=1
    )
    return Message(" Did you mean {name!r}?", name=close[0]) if close else ""
