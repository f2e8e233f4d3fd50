"""Numbers and lists of names in sentences that people read."""

import math
from collections.abc import Sequence

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Three significant digits, with a power of ten where plain digits would be hard to read."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -3 <= exponent < 5:
        digits = max(0, 2 - exponent)
        text = f"{value:.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = (
        value / 10.0**exponent if exponent > -300 else value * 1e300 / 10.0 ** (exponent + 300)
    )
    return f"{mantissa:.1f}·10{str(exponent).translate(_SUPERSCRIPT)}"


def count(value: float) -> str:
    """A whole number with separators, or a power of ten when it is beyond a billion."""
    if not math.isfinite(value):
        return number(value)
    return f"{round(value):,}" if abs(value) < 1e9 else number(value)


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{number(100 * share)} %"


def names(items: Sequence[str], most: int = 4) -> str:
    """`a, b and c`, or the first few `and 5 more`."""
    unique = list(dict.fromkeys(items))
    if len(unique) > most:
        return f"{', '.join(unique[:most])} and {len(unique) - most} more"
    if len(unique) <= 1:
        return unique[0] if unique else ""
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def plural(n: int, noun: str, many: str = "") -> str:
    """`1 layer`, `3 layers`."""
    return f"{n:,} {noun if n == 1 else many or noun + 's'}"
