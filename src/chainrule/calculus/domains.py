"""Where functions of numbers have a value: what a message says of a point outside."""

NEEDS: dict[str, tuple[str, str]] = {
    "log": ("a number above 0", "> 0"),
    "log2": ("a number above 0", "> 0"),
    "log10": ("a number above 0", "> 0"),
    "sqrt": ("a number that is not negative", "≥ 0"),
    "asin": ("a number from −1 to 1", "from −1 to 1"),
    "acos": ("a number from −1 to 1", "from −1 to 1"),
    "atanh": ("a number between −1 and 1", "between −1 and 1"),
    "acosh": ("a number of 1 or more", "≥ 1"),
    "asech": ("a number above 0 and up to 1", "above 0 and up to 1"),
    "asec": ("a number of 1 or more, or of −1 or less", "≥ 1 or ≤ −1"),
    "acsc": ("a number of 1 or more, or of −1 or less", "≥ 1 or ≤ −1"),
    "acoth": ("a number above 1 or below −1", "> 1 or < −1"),
    "acsch": ("a number other than 0", "≠ 0"),
    "csch": ("a number other than 0", "≠ 0"),
    "coth": ("a number other than 0", "≠ 0"),
    "cot": ("a number other than a multiple of π", "≠ 0"),
    "csc": ("a number other than a multiple of π", "≠ 0"),
}
"""By function: what its argument has to be, and the same after the argument's name."""

TOO_LARGE = "too large for float64, whose largest number is 1.8·10³⁰⁸"
"""Of what comes to infinity only because no float64 number is as large."""
