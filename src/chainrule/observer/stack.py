"""Where in the program we are: the user's line, inside a module, inside a call that we know."""

import os
import sys
from types import FrameType

from torch import Tensor, nn

from .frames import USER, file_kind, is_our_frame

_CALL = nn.Module._call_impl.__code__
_SCANNED = 400  # variables looked at in one scope, and items of one container


def place() -> str:
    """The innermost line of the user's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if file_kind(frame.f_code.co_filename) == USER:
            return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back
    return "an unknown line"


def caller() -> FrameType | None:
    """Who called the function that was intercepted: the innermost frame that is not ours."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_our_frame(frame):
        frame = frame.f_back
    return frame


def in_module(frame: FrameType | None) -> bool:
    """True if a module is being called."""
    while frame is not None:
        if frame.f_code is _CALL:
            return True
        frame = frame.f_back
    return False


def is_running(wanted: FrameType) -> bool:
    """True if a frame has not returned yet."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame is wanted:
            return True
        frame = frame.f_back
    return False


def bound_tensors(frame: FrameType | None) -> frozenset[int]:
    """Identities of the tensors that the user's variables hold now, one container deep."""
    found: set[int] = set()
    while frame is not None:
        if file_kind(frame.f_code.co_filename) == USER:
            for scope in (frame.f_locals, frame.f_globals):
                for value in list(scope.values())[:_SCANNED]:
                    items: list[object] = [value]
                    if isinstance(value, dict):
                        items = list(value.values())[:_SCANNED]
                    elif isinstance(value, list | tuple):
                        items = list(value[:_SCANNED])
                    found.update(id(item) for item in items if isinstance(item, Tensor))
        frame = frame.f_back
    return frozenset(found)
