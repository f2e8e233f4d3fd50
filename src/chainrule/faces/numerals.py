"""Numbers as a reader wants them: few digits, powers of ten written as such."""

import math
import re

_DIGITS = "-0123456789"
_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPT = str.maketrans(_DIGITS, _RAISED)
_LOWERED = str.maketrans(_RAISED, _DIGITS)
_POWER = re.compile(rf"·10([{_RAISED}]+)")


def number(value: float, digits: int = 3) -> str:
    """`0.046`, `412`, `2.8·10⁻⁹`, `NaN`, `∞`.

    Example:
        >>> number(0.0461), number(2.84e-9), number(float("nan"))
        ('0.0461', '2.8·10⁻⁹', 'NaN')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -3 <= exponent < 5:
        text = f"{value:.{max(0, digits - 1 - exponent)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, power = f"{value:.1e}".partition("e")
    return f"{mantissa}·{power_of_ten(int(power))}"


def figure(value: float, digits: int = 4) -> str:
    """A number with as many digits before a power of ten as without one: `2.841·10⁻⁹`.

    For what a reader checks by hand: with two digits a product is off in the last one.

    Example:
        >>> figure(0.46117), figure(2.8406e-9), figure(123456.0)
        ('0.4612', '2.841·10⁻⁹', '1.235·10⁵')
    """
    if value == 0 or not math.isfinite(value) or 1e-3 <= abs(value) < 1e5:
        return number(value, digits)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}·{power_of_ten(int(power))}"


def in_latex(numeral: str) -> str:
    r"""A number of this module as LaTeX writes it.

    Example:
        >>> print(in_latex("2.8·10⁻⁹"), in_latex("-∞"), in_latex("NaN"))
        2.8 \cdot 10^{-9} -\infty \mathrm{NaN}
    """
    text = numeral.replace("∞", r"\infty").replace("NaN", r"\mathrm{NaN}")
    return _POWER.sub(lambda power: rf" \cdot 10^{{{power[1].translate(_LOWERED)}}}", text)


def power_of_ten(exponent: int) -> str:
    """`1`, `10`, `10⁻³`."""
    if exponent in (0, 1):
        return str(10**exponent)
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def percent(part: float, whole: float) -> str:
    """`0.8 %`, or `unknown` where there is no whole to compare with."""
    if not (whole > 0 and math.isfinite(part) and math.isfinite(whole)):
        return "unknown"
    share = 100 * part / whole
    if 0 < share < 0.01:
        return "under 0.01 %"
    return f"{share:.2f}".rstrip("0").rstrip(".") + " %" if share < 10 else f"{share:.0f} %"


def duration(seconds: float) -> str:
    """`0.21 s`, `30 s`, `2 min 5 s`, `3 h 20 min`."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 60:
        return f"{number(seconds, 2)} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def count(whole: int) -> str:
    """`12,800`."""
    return f"{whole:,}"


def plural(many: int, noun: str) -> str:
    """`1 step`, `12,800 steps`."""
    return f"{many:,} {noun if many == 1 else noun + 's'}"
