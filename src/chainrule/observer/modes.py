"""Working unseen by the script's own dispatch and function modes.

A `TorchDispatchMode` or `TorchFunctionMode` (a FLOP counter, a logger) sees every operation of
its thread. Ours must not show in it, so they run with all modes laid aside.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

import torch
from torch.utils._python_dispatch import _disable_current_modes

P = ParamSpec("P")
R = TypeVar("R")

dispatch_modes = torch._C._len_torch_dispatch_stack
function_modes = torch._C._len_torch_function_stack


def active() -> bool:
    """True if a mode of the script would see what we do."""
    return bool(dispatch_modes() or function_modes())


@contextmanager
def _laid_aside() -> Iterator[None]:
    with _disable_current_modes(), torch._C.DisableTorchFunction():
        yield


def unseen() -> Any:
    """A context in which the script's modes do not see our operations; free if there are none."""
    return _laid_aside() if active() else nullcontext()


def ungraded(function: Callable[P, R]) -> Callable[P, R]:
    """As `torch.no_grad()`, which `Evaluations` listens to: of ours it would be told in vain."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        enabled = torch.is_grad_enabled()
        torch._C._set_grad_enabled(False)
        try:
            return function(*args, **kwargs)
        finally:
            torch._C._set_grad_enabled(enabled)

    return wrapped
