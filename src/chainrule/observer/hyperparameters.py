"""The settings of an optimizer as plain numbers, for the run file."""

from typing import Any

from torch import Tensor


def plain(group: dict[str, Any]) -> dict[str, float | bool | str | None]:
    """The numbers and flags of a parameter group."""
    plain: dict[str, float | bool | str | None] = {}
    for key, value in group.items():
        if key == "params":
            continue
        if isinstance(value, Tensor) and value.numel() == 1:
            plain[key] = float(value.item())
        elif value is None or isinstance(value, (bool, int, float, str)):
            plain[key] = value
        elif key == "betas" and isinstance(value, (tuple, list)):
            plain["beta1"], plain["beta2"] = float(value[0]), float(value[1])
    return plain
