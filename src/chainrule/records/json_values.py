"""Values of JSON documents, which have no other numbers than finite ones."""

import math

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def json_number(value: float) -> float | str:
    """A number; what is not finite becomes the word for it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
