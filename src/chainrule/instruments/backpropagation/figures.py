"""Numbers inside formulas: few digits, with the minus and the powers that people write."""

import math

_SUPERSCRIPT = str.maketrans("-+0123456789", "⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789nmprst", "₀₁₂₃₄₅₆₇₈₉ₙₘₚᵣₛₜ")


def figure(value: float, digits: int = 4) -> str:
    """`0.4621`, `-3`, `2.8·10⁻⁹`: as many significant digits as are asked for, at most.

    Example:
        >>> figure(0.46211), figure(-3.0), figure(2.84e-9, 2)
        ('0.4621', '-3', '2.8·10⁻⁹')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:.{digits}g}"
    mantissa, _, power = text.partition("e")
    if not power:
        return mantissa
    if abs(value) >= 1 and int(power) < 6:
        return f"{value:.0f}"
    return f"{mantissa}·10{str(int(power)).translate(_SUPERSCRIPT)}"


def factor_figure(value: float, digits: int = 4) -> str:
    """The same, in parentheses if it could not stand beside a sign: `(-3)`."""
    text = figure(value, digits)
    return f"({text})" if text.startswith("-") or "·" in text else text


def subscript(text: str | int) -> str:
    """`12` → `₁₂`; of letters, those that stand below a Σ."""
    return str(text).translate(_SUBSCRIPT)


def superscript(value: float) -> str:
    """`2` → `²`; a number that is not whole as `^0.5`."""
    if value == int(value) and abs(value) < 1000:
        return str(int(value)).translate(_SUPERSCRIPT)
    return f"^{factor_figure(value)}"


def as_factor(text: str) -> str:
    """A formula as it may stand in a product: a sum gets parentheses.

    Example:
        >>> as_factor("1 - y²"), as_factor("(1 - y)"), as_factor("x[n,0]"), as_factor("-w")
        ('(1 - y²)', '(1 - y)', 'x[n,0]', '(-w)')
    """
    depth = 0
    for i, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and (
            text.startswith((" + ", " - ", ", "), i) or (i == 0 and character == "-")
        ):
            return f"({text})"
    return text
