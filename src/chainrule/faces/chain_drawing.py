"""The chain drawn as bars on a logarithmic scale, from the loss to the first layer.

factor    each operation's own gain
bar       the gradient left after it, on the way from the loss: the product so far
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from chainrule.records import ChainLink

from .chain_rows import ChainRow, rows
from .labels import shared_parts, shorten
from .numerals import number, power_of_ten
from .page import Page

_GAP = "  "
_SHOWS_LINES = 100  # columns from which there is room for source lines


@dataclass(frozen=True, slots=True)
class Scale:
    """Powers of ten from `low` to `high`, `width` columns apart."""

    low: int
    high: int
    width: int

    @classmethod
    def over(cls, values: Iterable[float], room: int) -> "Scale":
        """The scale in at most `room` columns on which all positive, finite values lie.

        Every power of ten is the same whole number of columns, unless that wastes a fifth of them.
        """
        logarithms = [math.log10(v) for v in values if v > 0 and math.isfinite(v)] or [0.0]
        low = math.floor(min(logarithms))
        high = max(math.ceil(max(logarithms)), low + 1)
        span, width = high - low, room - 1
        regular = width // span * span
        return cls(low, high, regular if regular >= 0.8 * width else width)

    def column(self, logarithm: float) -> float:
        """Where a power of ten lies, in columns from the left."""
        return (logarithm - self.low) / (self.high - self.low) * self.width

    def length(self, value: float) -> float:
        """Columns of the bar of a value: all of them for what is not finite, none for zero."""
        if not math.isfinite(value):
            return self.width + 1
        return 1 + min(max(self.column(math.log10(value)), 0), self.width) if value > 0 else 0

    def named(self) -> list[int]:
        """Exponents to write down, at least eight columns apart, counted from the highest."""
        span = self.high - self.low
        most = max(self.width // 8, 1)
        every = next(
            (n for n in sorted({1, 2, 3, 4, 5, 10, 20, 50, 100, span}) if span <= n * most), span
        )
        return list(range(self.high, self.low - 1, -every))

    def ticks(self) -> list[int]:
        """Exponents to mark: every power of ten where there is room, else the named ones."""
        span = self.high - self.low
        return list(range(self.low, self.high + 1)) if 2 * span <= self.width else self.named()


def draw_chain(page: Page, chain: Sequence[ChainLink], culprit_style: str = "red") -> None:
    """Draw a chain on a page, with its scale, its culprits marked and a legend."""
    shown = rows(chain)
    modules, prefix = _without_prefix([row.module for row in shown], page.width // 4)
    gains = [f"× {number(row.gain)}" for row in shown]
    remaining = [number(row.gradient_rms) for row in shown]
    lines = page.width >= _SHOWS_LINES and any(row.source for row in shown)
    columns = [
        _Column.over("module", modules, page.width // 4, page),
        _Column.over("operation", [row.operation for row in shown], min(20, page.width // 5), page),
        *([_Column.over("line", [row.source for row in shown], 20, page)] if lines else []),
        _Column.over("factor", gains, 12, page, right=True),
        _Column.over("gradient", remaining, 12, page, right=True),
    ]
    taken = 2 + sum(column.width + len(_GAP) for column in columns)
    scale = Scale.over(
        [1.0, *(row.gradient_rms for row in shown)], max(min(page.width - taken, 56), 8)
    )

    def write(mark: str, cells: Sequence[str], bar: str, style: str, bar_style: str) -> None:
        text = _GAP.join(c.cell(cell, page) for c, cell in zip(columns, cells, strict=True))
        page.line((f"{mark:<2}{text}{_GAP}", style), (bar.rstrip(), bar_style))

    labels, axis = _axis(scale, page)
    write("", [column.header for column in columns], labels, "dim", "dim")
    write("", [""] * len(columns), axis, "dim", "dim")
    write("", ["loss", *[""] * (len(columns) - 2), "1"], _bar(scale, 1.0, page), "", "green")
    for row, module, gain, left in zip(shown, modules, gains, remaining, strict=True):
        write(
            page.glyphs.culprit if row.culprits else "",
            [module, row.operation, *([row.source] if lines else []), gain, left],
            _bar(scale, row.gradient_rms, page),
            f"bold {culprit_style}" if row.culprits else "",
            culprit_style if row.culprits else "cyan",
        )
    _write_legend(page, chain, shown, prefix, culprit_style)


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    width: int
    right: bool

    @classmethod
    def over(
        cls, header: str, cells: Sequence[str], most: int, page: Page, right: bool = False
    ) -> "_Column":
        widest = max((cell_len(page.safe(cell)) for cell in cells), default=0)
        return cls(header, max(min(widest, most), len(header)), right)

    def cell(self, text: str, page: Page) -> str:
        text = shorten(page.safe(text), self.width, page.glyphs.ellipsis)
        if self.right:
            return " " * (self.width - cell_len(text)) + text
        return set_cell_size(text, self.width)


def _without_prefix(modules: Sequence[str], width: int) -> tuple[list[str], str]:
    """Module names without the parts that all share, if some are too long for their column."""
    named = [module for module in modules if module]
    if all(len(module) <= width for module in named):
        return list(modules), ""
    parts = shared_parts([module.split(" … ")[0] for module in named])
    parts = parts[: min(module.split(" … ")[0].count(".") for module in named)]
    prefix = "".join(f"{part}." for part in parts)
    return [module.removeprefix(prefix) for module in modules], prefix


def _bar(scale: Scale, value: float, page: Page) -> str:
    halves = round(2 * scale.length(value))
    if not page.glyphs.half_bar:
        return page.glyphs.bar * max(round(halves / 2), 1 if halves else 0)
    return page.glyphs.bar * (halves // 2) + page.glyphs.half_bar * (halves % 2)


def _axis(scale: Scale, page: Page) -> tuple[str, str]:
    """The line of powers of ten and the line of ticks under it."""
    left, rule, tick, right = page.glyphs.axis
    width = scale.width + 1
    ticks = list(rule * width)
    names = [" "] * width
    ticks[0], ticks[-1] = left, right
    for exponent in scale.ticks():
        at = min(round(scale.column(exponent)), width - 1)
        if 0 < at < width - 1:
            ticks[at] = tick
    for exponent in scale.named():
        at = min(round(scale.column(exponent)), width - 1)
        name = page.safe(power_of_ten(exponent))
        start = min(max(at - len(name) // 2, 0), width - len(name))
        if all(c == " " for c in names[max(start - 1, 0) : start + len(name) + 1]):
            names[start : start + len(name)] = name
    return "".join(names), "".join(ticks)


def _write_legend(
    page: Page,
    chain: Sequence[ChainLink],
    shown: Sequence[ChainRow],
    prefix: str,
    culprit_style: str,
) -> None:
    page.line()
    if any(row.culprits for row in shown):
        page.line((f"{page.glyphs.culprit} the factors to look at", f"bold {culprit_style}"))
    sentences = [
        "A factor is how much of the gradient an operation passes on; a bar is what is left of it "
        "after all factors so far, on a scale of powers of ten."
    ]
    if len(shown) < len(chain):
        sentences.append(
            f"{len(chain):,} factors are drawn as {len(shown)} rows: neighbours are multiplied "
            "together."
        )
    if prefix:
        sentences.append(f"All module names begin with {prefix}")
    for sentence in sentences:
        page.paragraph((sentence, "dim"), indent=2)
