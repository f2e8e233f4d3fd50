"""Loss scaling: what a GradScaler multiplied the loss by, so that it can be told or undone.

Scalers are noted in `__new__`, which has returned before any of the user's calls: no frame of
ours is ever on the stack of an exception.
"""

import weakref
from typing import Any

from torch import Tensor
from torch.amp.grad_scaler import GradScaler

_scalers: "weakref.WeakSet[GradScaler]" = weakref.WeakSet()
any_scaler = False
"""Whether one was ever made: to ask the set, or `scale_of`, costs more."""


def _new(cls: type, *args: Any, **kwargs: Any) -> Any:
    global any_scaler
    scaler: Any = object.__new__(cls)
    _scalers.add(scaler)
    any_scaler = True
    return scaler


def note_scalers() -> None:
    """Note every GradScaler made from now on."""
    if GradScaler.__new__ is object.__new__:
        GradScaler.__new__ = staticmethod(_new)  # type: ignore[method-assign]


def scale_of(loss: Tensor) -> float:
    """Factor by which a live GradScaler scaled this loss; 1 if none did.

    Exact, not a guess: the root must be a multiplication whose saved factor is the very scale
    tensor of a scaler.
    """
    if not any_scaler:
        return 1.0
    node: Any = loss.grad_fn
    if node is None or node.name() != "MulBackward0":
        return 1.0
    factor = node._saved_other
    if not isinstance(factor, Tensor):
        return 1.0
    for scaler in list(_scalers):
        scale = scaler._scale
        if scale is not None and scale.data_ptr() == factor.data_ptr():
            return float(scale.item())
    return 1.0
