"""A curve in one line of text."""

import math
from collections.abc import Sequence

from .page import Page

UNICODE_LEVELS = "▁▂▃▄▅▆▇█"
ASCII_LEVELS = "_.-~=+*#"

DECADES = 1.0
"""Powers of ten that positive values must span for a scale of powers of ten: on an even scale the
lower nine tenths of such a curve would be one level."""


def sparkline(page: Page, values: Sequence[float], width: int) -> tuple[str, bool]:
    """A curve of at most `width` characters, and whether its scale is of powers of ten.

    Each character is the mean of its stretch of values; what is not finite is a `×`.
    """
    levels = UNICODE_LEVELS if page.unicode else ASCII_LEVELS
    finite = [value for value in values if math.isfinite(value)]
    positive = [value for value in finite if value > 0]
    logarithmic = (
        len(positive) == len(finite) > 0
        and math.log10(max(positive)) - math.log10(min(positive)) >= DECADES
    )
    heights = [
        (math.log10(value) if logarithmic else value) if math.isfinite(value) else math.nan
        for value in values
    ]
    count = min(width, len(heights))
    means = [
        _mean(heights[len(heights) * k // count : len(heights) * (k + 1) // count])
        for k in range(count)
    ]
    known = [mean for mean in means if math.isfinite(mean)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)

    def level(mean: float) -> str:
        if not math.isfinite(mean):
            return page.safe("×")
        # halves first: the difference of two numbers near the largest ones has no number
        share = (mean / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.0
        return levels[min(int(share * len(levels)), len(levels) - 1)]

    return "".join(map(level, means)), logarithmic


def _mean(values: Sequence[float]) -> float:
    return math.fsum(value / len(values) for value in values)
