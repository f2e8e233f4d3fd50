"""θ as a reader knows it: by the names of the parameters."""

from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

from .numerals import number

Parameters: TypeAlias = Sequence[tuple[str, tuple[int, ...]]]
"""Names and shapes, in the order of the flat θ."""


def entry_names(parameters: Parameters) -> list[str]:
    """A name for each entry of the flat θ: `x`, `w[0]`, `A[1, 0]`."""
    names = []
    for name, shape in parameters:
        if not shape:
            names.append(name)
        else:
            names += [f"{name}[{', '.join(map(str, i))}]" for i in product(*map(range, shape))]
    return names


def vector_label(parameters: Parameters, values: Sequence[float], most: int = 4) -> str:
    """`x = 3, y = -1`; of a long vector its largest entries."""
    if not values:
        return ""
    names = entry_names(parameters)
    order = sorted(range(len(values)), key=lambda i: -abs(values[i]))[:most]
    shown = ", ".join(f"{names[i]} = {number(values[i])}" for i in sorted(order))
    return shown if len(values) <= most else f"{shown}, …"


def by_name(parameters: Parameters, values: Sequence[float]) -> dict[str, object]:
    """The flat θ as nested lists by name."""
    found: dict[str, object] = {}
    start = 0
    for name, shape in parameters:
        size = 1
        for n in shape:
            size *= n
        found[name] = _nested(list(values[start : start + size]), shape)
        start += size
    return found


def _nested(values: list[float], shape: tuple[int, ...]) -> object:
    if not shape:
        return values[0]
    if len(shape) == 1:
        return values
    each = len(values) // shape[0] if shape[0] else 0
    return [_nested(values[i * each : (i + 1) * each], shape[1:]) for i in range(shape[0])]
