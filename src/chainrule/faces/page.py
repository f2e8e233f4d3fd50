"""The page that text is written on: the one place where a Rich console is made.

A page knows what its stream can print. Where that is not Unicode, mathematics and bars are written
in ASCII; control characters in names that come from a run file are never passed on.
"""

import codecs
import io
import re
import sys
import unicodedata
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

Part = str | tuple[str, str]
"""Text, or text and its style."""

WIDEST_TEXT = 96
"""Columns of running text on a wide terminal: longer lines are hard to read."""

_SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ", "-+0123456789T")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₖₙ", "0123456789kn")
_SUPERSCRIPT_RUN = re.compile("[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ]+")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SPELLED = {
    **dict(zip("·×÷−–—≈′″“”‘’▶•≡", "*x/---~'\"\"\"''>-=", strict=True)),
    **dict(zip("≤≥≠→←‖∂", ("<=", ">=", "!=", "->", "<-", "||", "d"), strict=True)),
    **dict(zip("…∞√∇ΣΠΔ", ("...", "inf", "sqrt", "grad ", "sum", "prod", "d"), strict=True)),
    **dict(zip("∛∘⟨⟩", ("cbrt", "o", "<", ">"), strict=True)),
    **dict(zip("⊙⊗⋆Φ", ("*", "(x)", "*", "Phi"), strict=True)),
    **dict(zip("αβγεηθ", ("alpha", "beta", "gamma", "eps", "eta", "theta"), strict=True)),
    **dict(zip("λμπρσφ", ("lambda", "mu", "pi", "rho", "sigma", "phi"), strict=True)),
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of a page, in Unicode or in ASCII."""

    error: str
    warning: str
    note: str
    healthy: str
    unsure: str
    culprit: str
    bar: str
    half_bar: str
    axis: tuple[str, str, str, str]
    ellipsis: str


UNICODE = Glyphs("✗", "!", "•", "✓", "?", "▶", "━", "╸", ("├", "─", "┼", "┤"), "…")
ASCII = Glyphs("x", "!", "-", "+", "?", ">", "=", "", ("|", "-", "+", "|"), "...")


class Page:
    """Somewhere to write findings on.

    Args:
        stream: Where it goes: the process's stdout or stderr, or a `StringIO`.
        width: Columns; None asks the terminal (80 where there is none).
        color: True writes colours even where the stream is no terminal; None lets Rich decide
            (`NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` count).
    """

    def __init__(
        self, stream: TextIO, *, width: int | None = None, color: bool | None = None
    ) -> None:
        self.console = Console(
            file=stream,
            width=width,
            force_terminal=color,
            force_jupyter=False,  # else Rich writes into the cell that runs, and not into `file`
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
        )
        self.encoding = _encoding(stream)
        self.unicode = _prints(self.encoding, "━╸▶✗✓·⁻∂…")
        self.glyphs = UNICODE if self.unicode else ASCII

    @property
    def width(self) -> int:
        """Columns of the page."""
        return max(self.console.width, 40)

    @property
    def text_width(self) -> int:
        """Columns of running text."""
        return min(self.width, WIDEST_TEXT)

    def safe(self, text: str) -> str:
        """Text that this page can print: no control characters, ASCII where it must be."""
        text = _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()
        if self.unicode:
            return text
        text = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), text)
        text = text.translate(_SUBSCRIPTS)  # w1, as wide as w₁: formulas stay aligned
        return "".join(c if _prints(self.encoding, c) else _spell(c) for c in text)

    def line(self, *parts: Part) -> None:
        """Write one line as it is, never wrapped; a part is text or (text, style)."""
        self.console.print(self.styled(*parts), soft_wrap=True)

    def paragraph(self, *parts: Part, indent: int = 0) -> None:
        """Write running text, wrapped at word ends.

        Args:
            parts: Text, or (text, style).
            indent: Columns before each line.
        """
        self.item("", *parts, indent=indent)

    def item(self, lead: Part, *parts: Part, indent: int = 0) -> None:
        """Write running text after a lead, such as a number; all lines begin where it ends."""
        start = Text(" " * indent).append_text(self.styled(lead))
        lines = self.styled(*parts).wrap(self.console, max(self.text_width - start.cell_len, 20))
        for i, wrapped in enumerate(lines):
            wrapped.rstrip()
            before = Text(" " * start.cell_len) if i else start
            self.console.print(before.copy().append_text(wrapped), soft_wrap=True)

    def prose(self, text: str, indent: int = 2) -> None:
        """Write paragraphs wrapped; lines that start with four spaces, formulas, as they are."""
        pending: list[str] = []

        def flush() -> None:
            if pending:
                self.paragraph(" ".join(pending), indent=indent)
                pending.clear()

        for line in text.strip("\n").split("\n"):
            if line.startswith("    "):
                flush()
                self.formula(line.rstrip())
            elif not line.strip():
                flush()
                self.line()
            else:
                pending.append(line.strip())
        flush()

    def formula(self, line: str) -> None:
        """Write a line as it is; one too long for the page goes on below its right-hand side."""
        line = self.safe(line)
        sign = re.search(" [=≈] ", line)
        start = sign.end() if sign else len(line) - len(line.lstrip())
        while len(line) > self.width:
            cut = max(line.rfind(f" {each} ", start, self.width - 1) for each in "·*+−-")
            if cut < start:
                break
            self.line((line[:cut], "cyan"))
            line = " " * (start - 2) + line[cut + 1 :]
        self.line((line, "cyan"))

    def verbatim(self, text: str) -> None:
        """Write a document as it is; what the stream cannot print becomes an escape."""
        self.console.file.write(
            text.encode(self.encoding, "backslashreplace").decode(self.encoding)
        )
        self.console.file.flush()

    def styled(self, *parts: Part) -> Text:
        """Rich text from parts; every part is made safe."""
        text = Text()
        for part in parts:
            content, style = part if isinstance(part, tuple) else (part, "")
            text.append(self.safe(content), style=style or None)
        return text


def page_for_stdout() -> Page:
    """What a printing command writes on."""
    return Page(_or_nowhere(sys.stdout))


def page_for_stderr() -> Page:
    """What is written on while a script runs, whose stdout is its own."""
    return Page(_or_nowhere(sys.stderr))


def _or_nowhere(stream: TextIO | None) -> TextIO:
    """A process can be started with its streams closed; Python then has None for them."""
    return io.StringIO() if stream is None else stream


def _encoding(stream: TextIO) -> str:
    name = getattr(stream, "encoding", None) or "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "ascii"


def _prints(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True


def _spell(character: str) -> str:
    if character in _SPELLED:
        return _SPELLED[character]
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or "?"
