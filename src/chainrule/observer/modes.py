"""Working unseen by the script's own dispatch and function modes.

A `TorchDispatchMode` or `TorchFunctionMode` (a FLOP counter, a logger) sees every operation of
its thread. Ours must not show in it, so they run with all modes laid aside.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

_dispatch_modes = torch._C._len_torch_dispatch_stack
_function_modes = torch._C._len_torch_function_stack


def active() -> bool:
    """True if a mode of the script would see what we do."""
    return bool(_dispatch_modes() or _function_modes())


@contextmanager
def _laid_aside() -> Iterator[None]:
    with _disable_current_modes(), torch._C.DisableTorchFunction():
        yield


def unseen() -> Any:
    """A context in which the script's modes do not see our operations; free if there are none."""
    return _laid_aside() if active() else nullcontext()
