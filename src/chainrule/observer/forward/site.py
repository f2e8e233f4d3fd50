"""Where the call that we were just told of was made."""

import os
import sys
from types import FrameType

from torch import nn

from chainrule.observer.frames import LIBRARY, USER, file_kind
from chainrule.observer.names import Names

_CALL = nn.Module._call_impl.__code__


def here(names: Names) -> tuple[str, str]:
    """The innermost module that is being called, and the innermost line of the user's."""
    frame: FrameType | None = sys._getframe(1)
    modules: list[nn.Module] = []
    user = other = ""
    while frame is not None:
        code = frame.f_code
        if code is _CALL:
            modules.append(frame.f_locals["self"])
        elif not user:
            kind = file_kind(code.co_filename)
            if kind == USER:
                user = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}"
            elif kind == LIBRARY and not other:
                other = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back
    return names.module(tuple(reversed(modules))), user or other
