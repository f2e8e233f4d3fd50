"""Whose code a frame runs: the user's own, a library's, or machinery."""

import os
import re
import sysconfig
from functools import cache
from types import FrameType

import torch

_TORCH = os.path.dirname(torch.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARIES = tuple(
    {
        path + os.sep
        for key in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(key))
    }
)

_PACKAGES = re.compile(r"[\\/](?:site|dist)-packages[\\/]")

USER, LIBRARY, INTERNAL = 0, 1, 2


@cache
def file_kind(filename: str) -> int:
    """`USER` for the user's own file, `LIBRARY` for an installed one, `INTERNAL` for machinery."""
    if filename.startswith((_TORCH, _OURS, "<frozen")):
        return INTERNAL
    if filename.startswith(_LIBRARIES) or _PACKAGES.search(filename):
        return LIBRARY
    return USER


def is_user_frame(frame: FrameType) -> bool:
    """True if the frame runs the user's own source."""
    return file_kind(frame.f_code.co_filename) == USER


def is_our_frame(frame: FrameType) -> bool:
    """True if the frame runs chainrule."""
    return frame.f_code.co_filename.startswith(_OURS)
