"""What PyTorch kept of the forward pass for one operation, or why that cannot be read.

A tensor that was saved through hooks (checkpointing, offloading) is not unpacked: that would run
the user's forward pass again.
"""

from typing import Any

import torch
from torch import Tensor

from .errors import UnreadableError

_WRAPPED = 1 << 63  # PyTorch shows -1 in a saved list of dimensions as 2⁶⁴ - 1


def saved(node: Any, attribute: str) -> Any:
    """A value that autograd keeps for its backward pass: a tensor, a number, a shape.

    Raises:
        UnreadableError: If there is none, or it cannot be read.
    """
    if through_hooks(node, attribute):
        raise UnreadableError(
            "what it saved went through hooks (checkpointing or offloading), so it was not read"
        )
    try:
        value = getattr(node, f"_saved_{attribute}")
    except AttributeError:
        raise UnreadableError(f"PyTorch kept no `{attribute}`") from None
    except RuntimeError as error:
        if "inplace" in str(error):
            reason = f"its `{attribute}` was changed in place since"
        else:
            reason = f"its `{attribute}` has been freed"
        raise UnreadableError(reason) from None
    return _signed(value)


def saved_tensor(node: Any, attribute: str) -> Tensor:
    """A tensor that autograd keeps.

    Raises:
        UnreadableError: If it kept none: PyTorch saves only what its own formula needs.
    """
    value = saved(node, attribute)
    if not isinstance(value, Tensor):
        raise UnreadableError(f"PyTorch kept no `{attribute}`")
    return value.detach()


def through_hooks(node: Any, attribute: str) -> bool:
    """Whether a saved tensor was packed by somebody's hooks."""
    raw = getattr(node, f"_raw_saved_{attribute}", None)
    parts = raw if isinstance(raw, list | tuple) else (raw,)
    return any(getattr(part, "unpack_hook", None) is not None for part in parts)


def exact(tensor: Tensor) -> Tensor:
    """The numbers of a (small) tensor in float64 on the CPU."""
    return tensor.detach().to("cpu").to(torch.float64)


def _signed(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value - 2 * _WRAPPED if value >= _WRAPPED else value
    if isinstance(value, tuple):
        return tuple(_signed(part) for part in value)
    return value
