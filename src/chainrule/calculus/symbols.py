"""A list of symbols in columns, of formulas of numbers and of matrices alike."""

from collections.abc import Sequence

from chainrule.records.message import Message, Translate, told

from .notations import Sign
from .notations.notation import SignKind

KINDS: dict[SignKind, Message] = {
    "number": Message("number"),
    "function": Message("function"),
    "vector": Message("vector"),
    "matrix": Message("matrix"),
    "array": Message("array"),
    "operator": Message("operator"),
}
"""What a symbol can be, as a person says it."""


def symbol_rows(signs: Sequence[Sign], say: Translate = str) -> list[tuple[str, str]]:
    """What each symbol is, in two columns: symbol and type below one another, and the meaning."""
    typed = [(each.symbol, told(typed_as(each), say), told(each.meaning, say)) for each in signs]
    symbols = max((len(symbol) for symbol, _, _ in typed), default=0)
    kinds = max((len(kind) for _, kind, _ in typed), default=0)
    return [(f"{symbol:<{symbols}}  {kind:<{kinds}}", meaning) for symbol, kind, meaning in typed]


def typed_as(sign: Sign) -> Message:
    """What a symbol is: a number, a vector of 3, a 3 × 2 matrix, a function."""
    if sign.kind in ("function", "operator") or not sign.shape:
        return KINDS[sign.kind]
    if len(sign.shape) == 1:
        return Message("{kind} of {size}", kind=KINDS[sign.kind], size=sign.shape[0])
    sizes = " × ".join(map(str, sign.shape))
    return Message("{sizes} {kind}", sizes=sizes, kind=KINDS[sign.kind])
