"""Markdown to blocks, with the numbers put in.

markdown-it-py reads it; `:::` directives come as tokens of their own and are handed on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from .blocks import (
    Block,
    Code,
    Display,
    Heading,
    Inline,
    Items,
    Link,
    Listing,
    Marked,
    Mathematics,
    NewLine,
    Paragraph,
    Part,
    Plain,
    Quote,
    Table,
)
from .compute import Entry
from .lesson import LessonError
from .putting_in import BAR, NoNumber, Style, hide_bars, put_in, spoken

LESSON_LINK = "#/learn/"


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive as it was written.

    Attributes:
        name: `view`, `exercise`, …
        argument: What else stands on its first line.
        body: What is inside.
        line: The line of the file on which the body begins.
    """

    name: str
    argument: str
    body: str
    line: int


Build = Callable[[Directive], Block | None]
"""Makes the block of a directive; None for what became part of the block before it."""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table").disable(["html_block", "html_inline"])
    parser.use(colon_fence_plugin)
    parser.use(dollarmath_plugin, double_inline=True, allow_digits=False)
    return parser


_PARSER = _parser()


def directives(text: str, line: int) -> list[Directive]:
    """The directives of a text, without those inside them.

    Args:
        text: Markdown.
        line: The line of the file on which it begins.
    """
    return [_directive(t, line) for t in _PARSER.parse(text) if t.type == "colon_fence"]


def _directive(token: Token, line: int) -> Directive:
    name, _, argument = token.info.strip().partition(" ")
    first = token.map[0] if token.map else 0
    return Directive(name, argument.strip(), token.content, line + first + 1)


class Reader:
    """Reads the texts of one lesson.

    Args:
        entries: The numbers to put in.
        file: The lesson's file, for messages.
    """

    def __init__(self, entries: Mapping[str, Entry], file: str) -> None:
        self._entries = entries
        self._file = file

    def blocks(self, text: str, line: int, build: Build) -> tuple[Block, ...]:
        """The blocks of a text.

        Args:
            text: Markdown with directives.
            line: The line of the file on which it begins.
            build: Makes blocks of directives.

        Raises:
            LessonError: If something cannot be read.
        """
        tokens = _Tokens(_PARSER.parse(hide_bars(text)), line)
        return tuple(self._until(tokens, "", build))

    def inline(self, text: str, line: int) -> Inline:
        """A text without blocks, as the fields of a directive have.

        Raises:
            LessonError: If a number is unknown.
        """
        parsed = _PARSER.parseInline(hide_bars(text.strip()))
        return self._inline(parsed[0].children or [], line)

    def put_in(self, text: str, style: Style, line: int) -> str:
        """A text with its numbers.

        Raises:
            LessonError: If there is no such number.
        """
        try:
            return put_in(text, self._entries, style)
        except NoNumber as error:
            raise LessonError(self._file, line, str(error)) from None

    def _until(self, tokens: "_Tokens", closing: str, build: Build) -> Iterator[Block]:
        for token in tokens:
            if token.type == closing:
                return
            block = self._block(token, tokens, build)
            if block is not None:
                yield block

    def _block(self, token: Token, tokens: "_Tokens", build: Build) -> Block | None:
        line = tokens.line_of(token)
        match token.type:
            case "paragraph_open" | "heading_open":
                parts = self._inline(next(tokens).children or [], line)
                next(tokens)
                return (
                    Paragraph(parts)
                    if token.type == "paragraph_open"
                    else Heading(max(2, int(token.tag[1])), parts)
                )
            case "bullet_list_open" | "ordered_list_open":
                return self._items(token, tokens, build)
            case "blockquote_open":
                return Quote(tuple(self._until(tokens, "blockquote_close", build)))
            case "table_open":
                return self._table(tokens, line)
            case "math_block" | "math_block_label":
                return Display(*self._mathematics(token.content.strip(), line))
            case "fence" | "code_block":
                return Listing(self.put_in(token.content, "code", line).replace(BAR, "|"))
            case "colon_fence":
                content = token.content.replace(BAR, "|")
                found = _directive(token, tokens.first_line)
                return build(Directive(found.name, found.argument, content, found.line))
            case other:
                raise LessonError(self._file, line, f"A lesson has no {other.replace('_', ' ')}.")

    def _items(self, token: Token, tokens: "_Tokens", build: Build) -> Items:
        closing = token.type.replace("_open", "_close")
        items = []
        for each in tokens:
            if each.type == closing:
                break
            items.append(tuple(self._until(tokens, "list_item_close", build)))
        return Items(token.type == "ordered_list_open", tuple(items))

    def _table(self, tokens: "_Tokens", line: int) -> Table:
        rows: list[list[Inline]] = []
        right: list[bool] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                right.append("right" in str(token.attrGet("style") or ""))
            elif token.type == "inline":
                rows[-1].append(self._inline(token.children or [], line))
        return Table(tuple(rows[0]), tuple(map(tuple, rows[1:])), tuple(right))

    def _inline(self, tokens: Sequence[Token], line: int) -> Inline:
        return tuple(self._parts(iter(tokens), "", line))

    def _parts(self, tokens: Iterator[Token], closing: str, line: int) -> Iterator[Part]:
        for token in tokens:
            if token.type == closing:
                return
            match token.type:
                case "text" | "text_special":
                    if token.content:
                        yield Plain(self.put_in(token.content, "text", line).replace(BAR, "|"))
                case "softbreak":
                    yield Plain(" ")
                case "hardbreak":
                    yield NewLine()
                case "code_inline":
                    yield Code(self.put_in(token.content, "code", line).replace(BAR, "|"))
                case "math_inline" | "math_inline_double":
                    yield Mathematics(*self._mathematics(token.content, line))
                case "em_open" | "strong_open":
                    end = token.type.replace("_open", "_close")
                    parts = tuple(self._parts(tokens, end, line))
                    yield Marked(token.type == "strong_open", parts)
                case "link_open":
                    parts = tuple(self._parts(tokens, "link_close", line))
                    yield Link(self._target(str(token.attrGet("href")), line), parts)
                case other:
                    raise LessonError(
                        self._file, line, f"A lesson's text has no {other.replace('_', ' ')}."
                    )

    def _mathematics(self, content: str, line: int) -> tuple[str, str]:
        """LaTeX and, where the engine made it, how one says it."""
        latex = self.put_in(content, "mathematics", line)
        return latex, spoken(content, self._entries)

    def _target(self, target: str, line: int) -> str:
        if not target.startswith((LESSON_LINK, "https://")):
            raise LessonError(
                self._file,
                line,
                f"Expected a link to {LESSON_LINK}… or https://…, found {target}.",
            )
        return target


class _Tokens(Iterator[Token]):
    """Tokens of a text, with the lines of the file on which they stand."""

    def __init__(self, tokens: Sequence[Token], first_line: int) -> None:
        self._tokens = iter(tokens)
        self.first_line = first_line
        self._latest = first_line

    def __next__(self) -> Token:
        return next(self._tokens)

    def line_of(self, token: Token) -> int:
        """The line of a token; that of the one before it if it has none of its own."""
        if token.map:
            self._latest = self.first_line + token.map[0]
        return self._latest
