"""Names of places, short enough for a column."""

import os
import shlex
from collections.abc import Sequence

from chainrule.faces import DEFAULT_FOLDER
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
    """One name for a stretch of modules: what they share, then where it begins and ends.

    Example:
        >>> span_label(["layers.7.fc", "layers.6.fc", "layers.5.fc"])
        'layers.7 … 5'
    """
    named = [name for name in names if name]
    if not named:
        return ""
    first, last = named[0].split("."), named[-1].split(".")
    shared = len(shared_parts([named[0], named[-1]]))
    if shared in (len(first), len(last)):
        return ".".join(first[:shared])
    return f"{'.'.join(first[: shared + 1])} … {last[shared]}"


def shared_parts(names: Sequence[str]) -> list[str]:
    """The parts with which all of the dotted names begin."""
    shared: list[str] = []
    for parts in zip(*(name.split(".") for name in names), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return shared


def path_label(path: str) -> str:
    """A path as the reader would type it: relative to the folder they are in, if it is inside."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) or not os.path.isabs(path) else relative


def run_argument(path: str) -> str:
    """What to give `chainrule diagnose` for a run: its name where that is enough."""
    label = path_label(path)
    folder, file = os.path.split(label)
    name = file.removesuffix(".db")
    return shlex.quote(name if folder == DEFAULT_FOLDER and name != file else label)


def distinct_operations(links: Sequence[ChainLink]) -> str:
    """The operations of folded links: their names if they are two at most, else how many."""
    names = list(dict.fromkeys(link.place.operation for link in links if link.place.operation))
    if len(names) == 1 and len(links) > 1:
        return f"{len(links)} × {names[0]}"
    if 1 <= len(names) <= 2:
        return ", ".join(names)
    return f"{len(links)} operations"
