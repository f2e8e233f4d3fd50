"""A text of several statements cut into them: `z = x² y; x = cos t; y = sin t`.

Every piece is read in its place, so that what is said about it points into the text as typed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from chainrule.records.message import Message

from .errors import FormulaError
from .parse import parse
from .tokens import Token, tokenize
from .tree import Formula, Span

_OPENING, _CLOSING = "([", ")]"
_GOES_ON = "+-*/^@,=×·÷−–([|‖"
"""Signs after which a formula goes on in the next line, or with which the next line goes on."""

_COMPARED = re.compile(r"[<>!:=]=")

Functions = Mapping[str, tuple[str, ...] | None]
"""Names that are defined, with the arguments that they were defined with: x in x(t) = cos t has t,
x in x = cos t has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a text.

    Attributes:
        span: Where it stands.
        equals: Where its = stands; None without one.
        name: What is defined if the left-hand side is one name; empty otherwise.
        name_at: Where that name stands.
        arguments: Of `x(t) = …`, t; None if no parentheses follow the name.
        body: What is on the right of the =, or everything.
    """

    span: Span
    equals: int | None = None
    name: str = ""
    name_at: int = 0
    arguments: tuple[str, ...] | None = None
    body: Span


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text, in order; `;` and new lines stand between them.

    A line that ends or begins with an operator goes on, and so does one with an open bracket. In a
    text without `=` and `;` new lines are spaces.

    Raises:
        FormulaError: If the text is empty or too long, or a statement has two =.
    """
    tokenize(text)  # says what is no text, empty or too long
    spans = _spans(text)
    if not spans:
        raise FormulaError(
            Message("There is no formula here: type one such as x**2 + sin(y)."), text, 0
        )
    return tuple(_statement(text, span) for span in spans)


def read_part(text: str, span: Span, variables: Collection[str], functions: Functions) -> Formula:
    """The formula in a part of a text; its places are those in the whole text.

    Args:
        text: The whole.
        span: The part.
        variables: Names that stand for variables even if they are those of constants.
        functions: Names that are defined: where x is defined as x(t), x(t) is x.

    Raises:
        FormulaError: If it is no formula; the message points into the whole text.
    """
    start, stop = span
    if not text[start:stop].strip():
        raise FormulaError(Message("Expected a formula here, and found nothing."), text, stop)
    masked = " " * start + text[start:stop]
    try:
        masked = _without_calls(masked, functions)
        formula = parse(masked, variables=variables)
    except FormulaError as error:
        raise _in_place(error, text) from None
    return replace(formula, text=text)


def _in_place(error: FormulaError, text: str) -> FormulaError:
    """The same error, shown in the whole text."""
    position = None if error.column is None else error.column - 1
    return FormulaError(error.reason, text, position)


def _spans(text: str) -> list[Span]:
    several = "=" in text or ";" in text
    found: list[Span] = []
    start = depth = 0
    for i, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        new_line = several and character in "\n\r" and depth <= 0
        if character == ";" or (new_line and not _goes_on(text, start, i)):
            found.append((start, i))
            start, depth = i + 1, 0
    found.append((start, len(text)))
    return [(first, last) for first, last in found if text[first:last].strip()]


def _goes_on(text: str, start: int, end: int) -> bool:
    before = text[start:end].rstrip()[-1:]
    after = text[end:].lstrip()[:1]
    return bool(before and before in _GOES_ON) or bool(after and after in _GOES_ON + ")]")


def _statement(text: str, span: Span) -> Statement:
    start, stop = span
    compared = _COMPARED.search(text, start, stop)
    if compared is not None:
        raise FormulaError(
            Message(
                "Found {found!r}: between the two sides of a definition or an equation stands a "
                "single =.",
                found=compared.group(),
            ),
            text,
            compared.start(),
        )
    equals = text.find("=", start, stop)
    if equals < 0:
        return Statement(span=span, body=span)
    second = text.find("=", equals + 1, stop)
    if second >= 0:
        raise FormulaError(
            Message(
                "This is the second = of one statement: write each statement on a line of its own, "
                "or put ; between them."
            ),
            text,
            second,
        )
    if not text[start:equals].strip():
        raise FormulaError(
            Message("Expected a name or a formula on the left of this =."), text, equals
        )
    name, at, arguments = _defined(text, (start, equals))
    return Statement(
        span=span,
        equals=equals,
        name=name,
        name_at=at,
        arguments=arguments,
        body=(equals + 1, stop),
    )


def _defined(text: str, span: Span) -> tuple[str, int, tuple[str, ...] | None]:
    """The name that a left-hand side defines, its place, and its arguments; no name if none."""
    start, stop = span
    tokens = _tokens(" " * start + text[start:stop], text)
    first, rest = tokens[0], tokens[1:]
    if first.kind == "function" and not rest:
        raise FormulaError(
            Message(
                "{name!r} is the name of a function: call what is defined here otherwise.",
                name=first.text,
            ),
            text,
            first.span[0],
        )
    if first.kind != "name":
        return "", 0, None
    if not rest:
        return first.means, first.span[0], None
    arguments = _arguments(rest)
    if arguments is None or len(rest) != 2 * len(arguments) + 1:
        return "", 0, None
    return first.means, first.span[0], arguments


def _arguments(tokens: list[Token]) -> tuple[str, ...] | None:
    """The names in `(x, y)` at the beginning of tokens; None if something else stands there."""
    if not tokens or tokens[0].means != "(":
        return None
    found: list[str] = []
    for at, token in enumerate(tokens[1:]):
        if at % 2 == 0:
            if token.kind != "name":
                return None
            found.append(token.means)
        elif token.means == ")":
            return tuple(found)
        elif token.means != ",":
            return None
    return None


def _tokens(masked: str, text: str) -> list[Token]:
    try:
        return [token for token in tokenize(masked) if token.kind != "end"]
    except FormulaError as error:
        raise _in_place(error, text) from None


def _without_calls(masked: str, functions: Functions) -> str:
    """The text with x(t) written as x where x was defined as x(t)."""
    if not functions:
        return masked
    tokens = _tokens(masked, masked)
    for i, token in enumerate(tokens[:-1]):
        if token.means not in functions or token.kind != "name" or tokens[i + 1].means != "(":
            continue
        declared, found = functions[token.means], _arguments(tokens[i + 1 :])
        if declared is not None and found == declared:
            closing = tokens[i + 1 + 2 * len(found)]
            start, stop = tokens[i + 1].span[0], closing.span[1]
            masked = masked[:start] + " " * (stop - start) + masked[stop:]
        elif declared is not None:
            raise FormulaError(
                Message(
                    "{name} was defined as {name}({arguments}): write it so, or {name} alone; for "
                    "a product write {name} * (...).",
                    name=token.text,
                    arguments=", ".join(declared),
                ),
                masked,
                token.span[0],
            )
        elif not tokens[i + 1].spaced:
            raise FormulaError(
                Message(
                    "{name} stands for a formula here: write {name} alone for its value, or define "
                    "it as {name}(...) = …; for a product write {name} * (...).",
                    name=token.text,
                ),
                masked,
                token.span[0],
            )
    return masked
