"""Where functions of numbers have a value: what a message says of a point outside."""

from chainrule.records.message import Message

NEEDS: dict[str, tuple[Message, str]] = {
    "log": (Message("a number above 0"), "> 0"),
    "log2": (Message("a number above 0"), "> 0"),
    "log10": (Message("a number above 0"), "> 0"),
    "sqrt": (Message("a number that is not negative"), "≥ 0"),
    "asin": (Message("a number from −1 to 1"), Message("from −1 to 1")),
    "acos": (Message("a number from −1 to 1"), Message("from −1 to 1")),
    "atanh": (Message("a number between −1 and 1"), Message("between −1 and 1")),
    "acosh": (Message("a number of 1 or more"), "≥ 1"),
    "asech": (Message("a number above 0 and up to 1"), Message("above 0 and up to 1")),
    "asec": (Message("a number of 1 or more, or of −1 or less"), Message("≥ 1 or ≤ −1")),
    "acsc": (Message("a number of 1 or more, or of −1 or less"), Message("≥ 1 or ≤ −1")),
    "acoth": (Message("a number above 1 or below −1"), Message("> 1 or < −1")),
    "acsch": (Message("a number other than 0"), "≠ 0"),
    "csch": (Message("a number other than 0"), "≠ 0"),
    "coth": (Message("a number other than 0"), "≠ 0"),
    "cot": (Message("a number other than a multiple of π"), "≠ 0"),
    "csc": (Message("a number other than a multiple of π"), "≠ 0"),
}
"""By function: what its argument has to be, and the same after the argument's name."""

TOO_LARGE = Message("too large for float64, whose largest number is 1.8·10³⁰⁸")
"""Of what comes to infinity only because no float64 number is as large."""
