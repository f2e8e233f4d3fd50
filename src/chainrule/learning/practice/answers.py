"""What a learner typed as an answer, in whatever notation, as formulas.

The parser of `calculus` reads a formula as one types it. Here the rest is translated first: what
stands left of an equals sign, LaTeX, PyTorch, raised letters, vulgar fractions, names written
together. Every character keeps the column that it came from, so that a message points at what was
typed.
"""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from chainrule.calculus import FUNCTIONS, Formula, FormulaError, parse
from chainrule.calculus.definitions import written_out
from chainrule.calculus.tokens import suggestion
from chainrule.calculus.tree import Array, Name, Node, walk
from chainrule.records.message import Message, as_message

from .spelling import Spelled
from .spelling_of_arguments import asks_for_parentheses, with_arguments
from .spelling_of_code import from_code
from .spelling_of_conditions import with_conditions
from .spelling_of_latex import from_latex
from .spelling_of_lists import (
    has_decimal_commas,
    listed,
    with_commas,
    with_decimal_points,
    without_left_sides,
    without_turning,
)


class AnswerError(FormulaError):
    """An answer cannot be read; columns are those of the answer, not of the formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that could be read.

    Attributes:
        text: As typed.
        entries: Its formulas: one, or those of a gradient.
        listed: Whether it was typed as a list.
        constant_added: Whether it ends in the + C of an integral, which is then left out.
        written: What was read of it: right of the last equals sign, decimals with a point.
    """

    text: str
    entries: tuple[Formula, ...]
    listed: bool
    constant_added: bool = False
    written: str = ""


def read_answer(
    text: str,
    names: Collection[str],
    count: int | None = None,
    *,
    behind_quotients: bool = False,
) -> Answer:
    """Read an answer.

    Args:
        text: As typed: `2x cos(x^2)`, `dy/dx = …`, LaTeX, PyTorch; `(2x, 2y)` for a gradient.
        names: What the formula has as variables and data; other names belong to no answer.
        count: How many formulas are asked for, if it is known: where it is not met, a comma
            between digits is read as that of decimals, as in `0,5x` and `(0,5x; 2y)`.
        behind_quotients: Whether a/b c is read, as (a/b)*c.

    Raises:
        AnswerError: If it cannot be read; the message points at the column.
    """
    known = frozenset(names)
    try:
        read = _read(text, known, behind_quotients=behind_quotients)
    except FormulaError as error:
        read = None
        failed = error
    if (read is None or len(read.entries) != count) and count and has_decimal_commas(text):
        with suppress(FormulaError):
            other = _read(text, known, decimal_commas=True, behind_quotients=behind_quotients)
            if len(other.entries) == count:
                return other
    if read is not None:
        return read
    if _is_told(text, known):
        raise AnswerError(_WORDS, text)
    if failed.column is not None and (asked := asks_for_parentheses(text)) is not None:
        raise AnswerError(asked[0], text, asked[1]) from None
    place = None if failed.column is None else failed.column - 1
    raise AnswerError(failed.reason, text, place) from None


_WORDS = Message(
    "Expected a formula such as 2x cos(x^2) or a number, found words: type the formula alone. If "
    "you do not know how to begin, a hint says it."
)


def _is_told(text: str, known: frozenset[str]) -> bool:
    """Whether it is a sentence, or a sign that somebody does not know."""
    if not text.strip(" ?.!"):
        return bool(text.strip())
    pieces = [*known, *FUNCTIONS, "e", "pi", "π"]
    text = text.replace("ᵀ", " ")  # Aᵀ is no word
    words = {
        word
        for word in re.findall(r"(?<![\\.\w])[^\W\d_]{2,}(?![\w(])", text)
        if word not in _OTHER_NAMES and word[1:] not in known and _pieces(word, pieces) is None
    }
    told = len(words) >= 2 or text.strip().casefold() in _NOT_KNOWN
    return told or any(len(each) >= 4 and not suggestion(each, pieces) for each in words)


_NOT_KNOWN = ("idk", "help", "hint", "tipp", "ka")
_AROUND = re.compile(r"\A[\s`]+|[\s`.,;]+\Z")
"""Marks of a sentence or of Markdown, around a formula."""
_UNSEEN = "[\u200b-\u200d\u2060\ufeff]"
"""Characters without width, which come along when something is pasted."""


def _read(
    text: str,
    known: frozenset[str],
    *,
    decimal_commas: bool = False,
    behind_quotients: bool = False,
) -> Answer:
    spelled = Spelled.of(without_turning(text)).replaced(_UNSEEN, "").replaced(_AROUND.pattern, "")
    if not spelled.text.strip():
        raise FormulaError(Message("The answer is empty: type a formula such as 2x cos(x^2)."))
    spelled = with_commas(from_latex(spelled), known)
    if decimal_commas:
        spelled = with_decimal_points(spelled)
    spelled, defined = _right_hand_side(without_left_sides(spelled))
    written = spelled.text.strip()
    spelled = from_code(spelled)
    spelled = _signs_of_books(spelled, known)
    spelled = listed(_apart(spelled, known))
    constant_added = False
    if (found := _ADDED.search(spelled.text)) and found[1] not in known:
        spelled, constant_added = spelled.cut(0, found.start()), True
    root = _parsed(spelled, known, text, behind_quotients=behind_quotients)
    parts = root.root.entries if isinstance(root.root, Array) else (root.root,)
    for part in parts:
        _check_names(part, known | defined.keys(), spelled, text)
    entries = tuple(_with_definitions(part, root, defined, known, text) for part in parts)
    return Answer(
        text=text,
        entries=entries,
        listed=isinstance(root.root, Array),
        constant_added=constant_added,
        written=written,
    )


_UNITS = frozenset(("m", "s", "mm", "cm", "km", "kg"))
"""Names that are units where the question does not have them."""

_ADDED = re.compile(r"\s*\+\s*([Cc])\s*\Z")


def _parsed(
    spelled: Spelled, known: frozenset[str], text: str, *, behind_quotients: bool = False
) -> Formula:
    try:
        return parse(spelled.text, variables=known, behind_quotients=behind_quotients)
    except FormulaError as error:
        place = None if error.column is None else spelled.place(error.column - 1)
        raise FormulaError(error.reason, text, place) from None


def _check_names(part: Node, known: Collection[str], spelled: Spelled, text: str) -> None:
    for node in walk(part):
        if isinstance(node, Name) and node.name not in known:
            place = spelled.place(node.span[0])
            if node.name[:1] == "d" and node.name[1:] in known:
                raise FormulaError(
                    Message(
                        "Asked is the derivative alone: leave out {found}, which belongs to a "
                        "differential, as in dy = 2x dx.",
                        found=node.text,
                    ),
                    text,
                    place,
                )
            if node.name in _UNITS and node.name.swapcase() not in known:
                raise FormulaError(
                    Message(
                        "Asked is the number alone or the formula: leave out the unit {found}.",
                        found=node.text,
                    ),
                    text,
                    place,
                )
            named = ", ".join(sorted(known)) or Message("numbers")
            raise FormulaError(
                Message(
                    "Expected an answer in {names}, found {found!r}, which the question does not "
                    "have.{suggestion}",
                    names=named,
                    found=node.text,
                    suggestion=as_message(_meant(node.name, known)),
                ),
                text,
                place,
            )


def _meant(name: str, known: Collection[str]) -> str:
    """What an unknown name may have been meant as, as a sentence; 2X as 2x where x is known."""
    small = name.casefold()
    if len(name) == 1 and small == name:
        return ""  # who types n does not mean ln
    if small != name and _pieces(small, [*known]) is not None:
        return Message(" Did you mean {name!r}?", name=small)
    return suggestion(name, [*known, *FUNCTIONS])


def _with_definitions(
    part: Node, whole: Formula, defined: dict[str, Spelled], known: frozenset[str], text: str
) -> Formula:
    """An entry with the names that the learner defined written out, each in those before it.

    Raises:
        FormulaError: If they go round in a circle, or hold a name that the question does not have.
    """
    parts = {
        name: _parsed(_apart(_signs_of_books(body, known), known | defined.keys()), known, text)
        for name, body in defined.items()
    }
    try:
        part = written_out(part, parts)
    except FormulaError as error:  # its column is one of a definition alone
        raise FormulaError(error.reason, text) from None
    for node in walk(part):
        if isinstance(node, Name) and node.name not in known:
            raise FormulaError(
                Message(
                    "Expected an answer in {names}, found {found!r} in what was defined.",
                    names=", ".join(sorted(known)),
                    found=node.text,
                ),
                text,
            )
    return Formula(text=whole.text, root=part)


_DEFINED = re.compile(r"\s*(?:[;,]|,?\s*\b(?:where|with|wobei|mit)\b)\s*(\w+)\s*=(?!=)")
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)|≈|\A[^:=]*['′][^:=]*:|\A\s*d\w?/d\w[^:=]*:")
"""What the answer stands behind: an equals sign, or a colon behind f'(x) or dy/dx."""


def _right_hand_side(spelled: Spelled) -> tuple[Spelled, dict[str, Spelled]]:
    """What is right of the last equals sign, and names that were defined behind it."""
    defined: dict[str, Spelled] = {}
    starts = [*_DEFINED.finditer(spelled.text)]
    ends = [*(each.start() for each in starts), len(spelled.text)]
    for each, end in zip(starts, ends[1:], strict=True):
        defined[each[1]] = spelled.cut(each.end(), end)
    if starts:
        spelled = spelled.cut(0, starts[0].start())
    signs = [*_EQUALS.finditer(spelled.text)]
    if signs:
        spelled = spelled.cut(signs[-1].end(), len(spelled.text))
        if not spelled.text.strip():
            raise spelled.error(
                Message("Expected the answer after the equals sign, found nothing."), 0
            )
    return spelled, defined


_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˣʸⁿᵃᵇᵗᵘᵏᵐᶻʷ", "0123456789+-()xynabtukmzw", strict=True))
_OTHER_NAMES = {
    "tg": "tan",
    "ctg": "cot",
    "arctg": "atan",
    "sen": "sin",
    "Sin": "sin",
    "Cos": "cos",
    "Exp": "exp",
    "Log": "log",
    "Ln": "ln",
    "SQRT": "sqrt",
    "sinus": "sin",
    "sine": "sin",
    "cosinus": "cos",
    "cosine": "cos",
    "Sinus": "sin",
    "Cosinus": "cos",
    "Kosinus": "cos",
    "Wurzel": "sqrt",
    "wurzel": "sqrt",
    "sgm": "sigmoid",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
}


def _signs_of_books(spelled: Spelled, known: frozenset[str]) -> Spelled:
    """Raised letters, vulgar fractions, σ, inverses by sin⁻¹, ln|x|, comparisons."""
    spelled = spelled.replaced(r"‖\s*_\s*(?:\{\s*[2F]\s*\}|[2F](?!\w))", "‖").replaced("⊘", "/")
    spelled = spelled.replaced(r"[{]", "(").replaced(r"[}]", ")")
    letters = "".join(_RAISED)
    spelled = spelled.replaced(
        rf"(?<=[\w)])[{letters}]*[⁽⁾ˣʸⁿᵃᵇᵗᵘᵏᵐᶻʷ][{letters}]*",
        lambda found: "^(" + "".join(_RAISED[each] for each in found[0]) + ")",
    )
    if not known & {"σ", "sigma"}:
        spelled = spelled.replaced(r"(?:σ|\bsigma)(?=\s*\()", "sigmoid")
    spelled = spelled.replaced(
        r"\b(sin|cos|tan|sinh|cosh|tanh)\s*(?:\^\s*\(?\s*[-−]\s*1\s*\)?|⁻¹)(?!\d)",
        lambda found: f"a{found[1]}",
    )
    spelled = spelled.replaced(
        r"\b(ln|log)\s*\|([^|]+)\|", lambda found: f"{found[1]}(|{found[2]}|)"
    )
    spelled = spelled.replaced(
        r"\blog_\(?(2|10)\)?\s*(?=[\w(])", lambda found: f"log{found[1]} "
    ).replaced(r"\b(log2|log10) \(", lambda found: f"{found[1]}(")
    for other, name in _OTHER_NAMES.items():
        if other not in known:
            spelled = spelled.replaced(rf"\b{other}(?=\b|\d)", name)
    spelled = with_arguments(with_conditions(spelled, known), known)
    # x 2^(x-1) is a product, and so is sin x e^x
    spelled = spelled.replaced(r"(?<=[A-Za-zα-ωθ]) +(?=\d+\s*\^)", "·")
    functions = "|".join(sorted(FUNCTIONS, key=len, reverse=True))
    spelled = spelled.replaced(
        rf"\b({functions}) +(\d*[A-Za-zα-ω]) +(?=e\s*\^|e\b|\d)",
        lambda found: f"{found[1]} {found[2]}·",
    )
    # a number behind a bracket is a further factor: cos(x^3)3x^2
    spelled = spelled.replaced(r"\)\s*(?=\d)", ")·")
    return spelled.replaced(r"(?<=[\w)])\s*:\s*(?=[\w(])", "/")  # 1:x, as schools divide


_TOGETHER = re.compile(r"[^\W\d_][^\W_]*")


def _apart(spelled: Spelled, known: frozenset[str]) -> Spelled:
    """Names that were written together, one by one: wx, xe^x, 2cos2x, sinx."""
    pieces = sorted({*known, *FUNCTIONS, "e", "pi", "π"}, key=len, reverse=True)

    def cut(found: re.Match[str]) -> str:
        word = found[0]
        if word in known or word in FUNCTIONS or word in ("e", "pi", "π", "where", "C", "c"):
            return word
        parts = _pieces(word, pieces)
        return word if parts is None else " ".join(parts)

    return spelled.replaced(_TOGETHER.pattern, cut)


def _pieces(word: str, pieces: list[str]) -> list[str] | None:
    """The names and functions that a word is made of; None if it is not."""
    if not word:
        return []
    for piece in pieces:
        if not word.startswith(piece):
            continue
        rest = word[len(piece) :]
        digits = re.match(r"\d+", rest)
        if digits and piece not in FUNCTIONS:
            continue  # x2 is a name of its own
        if piece in FUNCTIONS and not rest:
            return [piece]
        found = _pieces(rest[digits.end() :] if digits else rest, pieces)
        if found is None or (digits and not found):
            continue
        if digits:
            found = [digits[0] + found[0], *found[1:]]
        return [piece, *found]
    return None
