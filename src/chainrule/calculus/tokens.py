"""A typed formula cut into numbers, names, functions, operators and brackets.

Signs that people copy from books mean what they mean there: −, ×, ·, ÷, ½, ², √. What is no part of
a formula is refused here, with what was probably meant.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, cast

from chainrule.records.message import Message, joined

from .errors import FormulaError
from .functions import FUNCTIONS
from .tree import Span

MAX_LENGTH = 10_000
"""Characters of a formula. Himmelblau's function has 41, a network with 200 operations some 4 000;
a megabyte is no formula that anyone typed, and is refused before it is looked at."""

TokenKind = Literal[
    "number", "fraction", "name", "function", "operator", "power", "postfix", "bracket", "end"
]

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_GREEK = "µͰ-ͳͶͷͿΆΈ-ΊΌΎ-ΡΣ-ορ-ϕϗ-ϵϷ-Ͽ"  # all but π and ϖ: in 2πr it is a name of its own
_INDEX = "0-9_₀-₉"
_TOKEN = re.compile(
    rf"""
      (?P<space> \s+ )
    | (?P<number> (?: [0-9]+ \.? [0-9]* | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<name> (?: [{_LATIN}{_GREEK}] | π(?=[{_INDEX}]) ) [{_LATIN}{_GREEK}{_INDEX}]* | [π√∛] )
    | (?P<fraction> [¼-¾⅐-⅞] )
    | (?P<power> [⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+ )
    | (?P<postfix> ⁻?ᵀ )
    | (?P<operator> \*\* | [-+*/^@,−–×·⋅∙∗÷∕⁄·⊙∘] )
    | (?P<bracket> [()\[\]|‖] )
    """,
    re.VERBOSE,
)
_MIXED = re.compile(rf"(?![Δδ])(?:[{_LATIN}]+[{_GREEK}]|[{_GREEK}]+[{_LATIN}])")

_MEANS = dict.fromkeys("−–", "-") | dict.fromkeys("⋅∙·", "·") | {"∗": "*"}
_MEANS |= dict.fromkeys("∕⁄", "/") | dict.fromkeys("⊙∘", "⊙")
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")

_HINTS = {
    "=": Message("Type only what stands on the right-hand side of the equals sign."),
    ".": Message(
        "There are no attributes, A.T is written transpose(A), and a decimal point stands between "
        "digits."
    ),
    "{": Message("Group with ( and )."),
    "}": Message("Group with ( and )."),
    "_": Message("Names begin with a letter, such as x_1."),
    "!": Message("There is no factorial."),
    "%": Message("Write a percentage as a number such as 0.05."),
    "'": Message("Write the derivative out, or give it a name without the mark."),
    "\\": Message("LaTeX is not read here: write sin(x), 1/x, x^2, x_1."),
    "$": Message("LaTeX is not read here: write sin(x), 1/x, x^2, x_1."),
    "<": Message("Nothing is compared: where(c, x, y) is x where c > 0, and y elsewhere."),
    ">": Message("Nothing is compared: where(c, x, y) is x where c > 0, and y elsewhere."),
    ";": Message("It stands only between definitions, as in z = x^2; x = cos t."),
    "ϖ": Message("Write π."),
    "∞": Message("A formula is made of finite numbers."),
    "⁺": Message("Digits are missing after this raised sign."),
    "⁻": Message("Digits are missing after this raised sign."),
}
_OTHER_BASE = re.compile(r"0[xXbBoO][0-9][0-9a-fA-F]*\b", re.ASCII)
_DIGITS = ("Nd", "Nl", "No")
_TWINS = dict(zip("АВЕКМНОРСТХавеѕіјорсухһ", "ABEKMHOPCTXabesijopcyxh", strict=True))
"""Cyrillic letters, and the Latin ones that they are drawn like."""


class Token(NamedTuple):
    """One piece of a formula.

    Attributes:
        kind: What it is; `fraction` is ½, `power` a superscript, `postfix` is ᵀ or ⁻ᵀ.
        text: As typed.
        means: In plain spelling: `-` for −, `2` for ², `1/2` for ½, `x1` for x₁.
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
        raise FormulaError(
            Message("Expected a formula as text, found {found}.", found=type(text).__name__)
        )
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            Message(
                "The formula has {count:,} characters, and at most {most:,} are read: for a "
                "function of this size write a Python function and take Objective.from_callable.",
                count=len(text),
                most=MAX_LENGTH,
            )
        )
    if not text or text.isspace():
        raise FormulaError(Message("The formula is empty: type one such as x**2 + sin(y)."))
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
    elif kind == "fraction":
        means = unicodedata.normalize("NFKC", text).replace("⁄", "/")
    elif kind == "power":
        means = text.translate(_SUPERSCRIPTS)
    elif kind == "name":
        means = unicodedata.normalize("NFKC", text)
        if not means.isidentifier() and means not in FUNCTIONS:
            raise _unexpected(match.string, match.start())
        if _MIXED.match(means):
            raise FormulaError(
                Message(
                    "{name} mixes Greek and Latin letters: write {first}*{rest} for a product, "
                    "{first}_{rest} for one name.",
                    name=text,
                    first=text[0],
                    rest=text[1:],
                ),
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
        Message(
            "{found} reads as a number in another base and as 0 times {rest}: write the number "
            "with the digits 0 to 9, or 0*{rest}.",
            found=found,
            rest=found[1:],
        ),
        match.string,
        match.start(),
    )


def _unexpected(text: str, position: int) -> FormulaError:
    character = text[position]
    hints = [_HINTS[character]] if character in _HINTS else []
    if not hints and character.isalpha():
        if character in _TWINS:
            twin = _TWINS[character]
            hints.append(Message("It only looks like the Latin {letter}.", letter=twin))
        hints.append(Message("Names are made of Latin and Greek letters, digits and _."))
    elif not hints and unicodedata.category(character) in _DIGITS:
        hints.append(Message("Write digits as 0 to 9."))
    shown = (
        f"{character!r}"
        if character.isprintable()
        else Message("the character {character!a}", character=character)
    )
    name = unicodedata.name(character, "").lower()
    also = f" ({name})" if name and not character.isascii() else ""
    found = Message("Found {shown}{also}, which no formula has.", shown=shown, also=also)
    return FormulaError(joined([found, *hints]), text, position)


def suggestion(name: str, known: Collection[str]) -> str:
    """` Did you mean 'x'?` for a name that is close to a known one, else nothing."""
    close = difflib.get_close_matches(name.casefold(), known, n=1) or difflib.get_close_matches(
        name, known, n=1
    )
    return Message(" Did you mean {name!r}?", name=close[0]) if close else ""
