"""Where functions of numbers have a value: what a message says of a point outside."""

from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An argument that says which function of a family is meant, such as the base of a logarithm.

    Attributes:
        place: Which argument it is, counted from 0.
        fits: Whether there is a function for this number.
        needs: What it has to be.
        wanted: The same after the argument's name.
    """

    place: int
    fits: Callable[[float], bool]
    needs: Message
    wanted: str


SETTINGS: dict[str, Setting] = {
    "log": Setting(
        place=1,
        fits=lambda base: base > 0 and base != 1,
        needs=Message("a base above 0 other than 1"),
        wanted=Message("is above 0 and other than 1"),
    ),
    "softplus": Setting(
        place=1, fits=lambda beta: beta != 0, needs=Message("a beta other than 0"), wanted="≠ 0"
    ),
    "norm": Setting(place=1, fits=lambda p: p > 0, needs=Message("a p above 0"), wanted="> 0"),
    "huber": Setting(
        place=2, fits=lambda delta: delta > 0, needs=Message("a delta above 0"), wanted="> 0"
    ),
}
"""By function: what one of its arguments has to be, so that there is a function at all."""

TOO_LARGE = Message("too large for float64, whose largest number is 1.8·10³⁰⁸")
"""Of what comes to infinity only because no float64 number is as large."""
