"""What a program's own metric must be for the program to count: `<= 0.4`, `nan`, `dies`."""

import math
import operator
import re
from dataclasses import dataclass

_COMPARISONS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_FORM = re.compile(r"(<=|>=|<|>)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on how a program ended.

    Attributes:
        text: `nan`: its metric is NaN or infinite; `dies`: it ends with an exception; or a
            comparison of its finite metric with a number. `or` joins several.
    """

    text: str

    def __post_init__(self) -> None:
        for part in self.text.split(" or "):
            if part not in ("nan", "dies") and not _FORM.fullmatch(part):
                raise ValueError(
                    f"A condition is `nan`, `dies` or a comparison such as `<= 0.4`, not {part!r}."
                )

    def holds(self, metric: float | None, exit_code: int) -> bool:
        """True if a program that printed this metric (None: none) and ended so meets it."""
        return any(_holds(part, metric, exit_code) for part in self.text.split(" or "))


def _holds(part: str, metric: float | None, exit_code: int) -> bool:
    if part == "dies":
        return exit_code != 0
    if exit_code != 0 or metric is None:
        return False
    if part == "nan":
        return not math.isfinite(metric)
    form = _FORM.fullmatch(part)
    assert form is not None
    return math.isfinite(metric) and bool(_COMPARISONS[form[1]](metric, float(form[2])))
