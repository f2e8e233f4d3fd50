"""A list of symbols in columns, of formulas of numbers and of matrices alike."""

from collections.abc import Sequence

from .notations import Sign


def symbol_rows(signs: Sequence[Sign]) -> list[tuple[str, str]]:
    """What each symbol is, in two columns: symbol and type below one another, and the meaning."""
    typed = [(each.symbol, typed_as(each), each.meaning) for each in signs]
    symbols = max((len(symbol) for symbol, _, _ in typed), default=0)
    kinds = max((len(kind) for _, kind, _ in typed), default=0)
    return [(f"{symbol:<{symbols}}  {kind:<{kinds}}", meaning) for symbol, kind, meaning in typed]


def typed_as(sign: Sign) -> str:
    """What a symbol is: a number, a vector of 3, a 3 × 2 matrix, a function."""
    if sign.kind in ("function", "operator") or not sign.shape:
        return sign.kind
    if len(sign.shape) == 1:
        return f"{sign.kind} of {sign.shape[0]}"
    return f"{' × '.join(map(str, sign.shape))} {sign.kind}"
