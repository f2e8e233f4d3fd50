"""Names of places, short enough for a column."""

from collections.abc import Sequence

from chainrule.records import ChainLink, Place

_BARE_PRODUCTS = frozenset({"Addmm", "Mm", "Bmm", "Baddbmm", "Addbmm", "Mv", "Addmv", "Dot"})


def shorten(text: str, width: int, ellipsis: str = "…") -> str:
    """Cut the middle out of a name that is too long: both of its ends tell it apart.

    Example:
        >>> shorten("encoder.layers.11.attention.output.dense", 24)
        'encoder.laye…utput.dense'
    """
    if len(text) <= width:
        return text
    if width <= len(ellipsis):
        return text[: max(width, 0)]
    kept = width - len(ellipsis)
    head = (kept + 1) // 2
    tail = kept - head
    return text[:head] + ellipsis + (text[-tail:] if tail else "")


def place_label(place: Place) -> str:
    """`layers.0 Sigmoid · train.py:14`, with the parts that are known."""
    named = " ".join(part for part in (place.module, place.operation) if part)
    return " · ".join(part for part in (named, place.source) if part)


def operation_label(operation: str, kind: str) -> str:
    """The operation as PyTorch's graph names it, with a plain word where that name is obscure."""
    if not operation:
        return kind if kind != "other" else ""
    return f"{operation} (weights)" if operation in _BARE_PRODUCTS else operation


def span_label(names: Sequence[str]) -> str:
    """One name for a stretch of modules: what they share, then the first and the last.

    Example:
        >>> span_label(["layers.7.fc", "layers.6.fc", "layers.5.fc"])
        'layers.7.fc … 5.fc'
    """
    named = [name for name in names if name]
    if not named:
        return ""
    first, last = named[0].split("."), named[-1].split(".")
    if first == last:
        return named[0]
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    rest = last[shared:]
    return f"{named[0]} … {'.'.join(rest) if rest else named[-1]}"


def distinct_operations(links: Sequence[ChainLink]) -> str:
    """The operations of folded links: their names if they are two at most, else how many."""
    names = list(dict.fromkeys(link.place.operation for link in links if link.place.operation))
    if len(names) == 1 and len(links) > 1:
        return f"{len(links)} × {names[0]}"
    if 1 <= len(names) <= 2:
        return ", ".join(names)
    return f"{len(links)} operations"
