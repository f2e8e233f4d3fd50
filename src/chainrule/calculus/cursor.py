"""Where the parser stands in the tokens: what comes next, which brackets are open, how deep."""

from typing import NoReturn

from chainrule.records.message import Message

from .errors import FormulaError
from .tokens import Token, tokenize
from .tree import Span

MAX_NESTING = 50
"""Brackets, exponents and signs within one another. It bounds the recursion of the parser: nine
calls a level at most, together less than half of the 1000 that Python allows. A formula this deep
is a chain such as a network with 50 layers, and such a one is written by a program."""

CLOSING = {"(": ")", "[": "]", "|": "|", "‖": "‖"}


class Cursor:
    """A place in the tokens of one formula.

    Args:
        text: The formula.

    Attributes:
        text: The formula.
        next: The token that comes; the end of the formula is one as well.
        after_next: The token after the next one; the end if there is none.
        last: The token taken last.

    Raises:
        FormulaError: If the text cannot be cut into tokens.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self.next = next(self._tokens)
        self.after_next = next(self._tokens, self.next)
        self.last = self.next
        self._nesting = 0
        self._open: list[Token] = []

    def operator(self, *known: str) -> str | None:
        """The next token in plain spelling, if it is one of these operators."""
        token = self.next
        return token.means if token.kind == "operator" and token.means in known else None

    def take(self) -> Token:
        """Step over the next token, which is not the end."""
        self.last = self.next
        self.next, self.after_next = self.after_next, next(self._tokens, self.after_next)
        return self.last

    def since(self, start: int) -> Span:
        """From a place in the text to the end of the last token taken."""
        return start, self.last.span[1]

    # ---- nesting ------------------------------------------------------------------------------

    def enter(self) -> Token:
        """Step over a token that begins something inside something; `leave` belongs to it."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            self.fail(
                Message(
                    "The formula is nested more than {most} deep here: give a name to an inner "
                    "part of it.",
                    most=MAX_NESTING,
                )
            )
        return self.take()

    def leave(self) -> None:
        """Be out of what was entered last."""
        self._nesting -= 1

    def open(self) -> Token:
        """Step over an opening bracket."""
        token = self.enter()
        self._open.append(token)
        return token

    def close(self) -> None:
        """Step over the bracket that closes the last one opened, which is the innermost."""
        if not self.closes():
            self._fail_unclosed(self._open[-1])
        self._open.pop()
        self.leave()
        self.take()

    def closes(self) -> bool:
        """Whether the next token closes the innermost open bracket."""
        token = self.next
        return bool(
            self._open and token.kind == "bracket" and token.means == CLOSING[self._open[-1].means]
        )

    def starts_factor(self) -> bool:
        """Whether what comes next is a further factor, without a sign in between."""
        token = self.next
        if token.kind == "bracket":
            # inside bars, a bar after something closes them
            return token.means in CLOSING and not self.closes()
        return token.kind in ("number", "fraction", "name", "function")

    # ---- errors -------------------------------------------------------------------------------

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        """Refuse the formula, pointing at a token, at the next one if none is given."""
        raise FormulaError(message, self.text, (token or self.next).span[0])

    def fail_expected(self) -> NoReturn:
        """Refuse what stands where something with a value is expected."""
        token = self.next
        if token.kind == "end":
            self.fail(Message("The formula ends here, where a number, a name or ( is expected."))
        self.fail(
            Message("Expected a number, a name or ( here, found {found!r}.", found=token.text)
        )

    def fail_between(self) -> NoReturn:
        """Refuse what stands after something whole."""
        token = self.next
        if token.means == ",":
            self.fail(
                Message(
                    "A comma stands only between the arguments of a function and the entries of "
                    "[a, b]; a decimal point is written as in 1.5."
                )
            )
        if token.means in CLOSING.values():
            self.fail(
                Message(
                    "This {bracket} closes nothing: there is no bracket to match it.",
                    bracket=token.text,
                )
            )
        self.fail(
            Message("Expected an operator or the end here, found {found!r}.", found=token.text)
        )

    def _fail_unclosed(self, opening: Token) -> NoReturn:
        token, closing = self.next, CLOSING[opening.means]
        if token.kind == "end":
            self.fail(
                Message(
                    "This {opening} is never closed: write a {closing} for it.",
                    opening=opening.text,
                    closing=closing,
                ),
                opening,
            )
        if token.means in (")", "]"):
            self.fail(
                Message(
                    "Expected {closing} for the {opening} of column {column}, found {found!r}.",
                    closing=closing,
                    opening=opening.text,
                    column=opening.span[0] + 1,
                    found=token.text,
                )
            )
        self.fail_between()
