"""Labels of nodes: which module and which line of the user's source made an operation.

While anomaly mode is on, autograd asks `torch.fx.traceback.format_stack` for the stack of each
operation as it records it and keeps the answer in `node.metadata`. For the steps that need
labels we switch the mode on (without its NaN check, before backward it is off again) and answer
with a walk over the frames: the innermost line of the user's, and every module whose call is on
the stack. No tensor, no dispatch and no module is touched, and it costs nothing on other steps.
"""

import os
import sys
from itertools import pairwise
from types import FrameType
from typing import Any, cast

import torch
import torch.fx.traceback as traceback_source
from torch import nn

from chainrule import _guard

from .frames import LIBRARY, USER, file_kind
from .modes import unseen
from .names import Names

_CALL = nn.Module._call_impl.__code__


class Site(list[str]):
    """What autograd keeps for one node: a stack in its own format, and our labels beside it."""

    source: str
    modules: tuple[nn.Module, ...]
    through_hooks: bool


class Labeller:
    """Collects labels while it is on.

    Attributes:
        looked: True once an operation was seen at all.
        saved_tensor_hooks: True once an operation was seen that saves its tensors through
            somebody's hooks (checkpointing, offloading): they must not be unpacked by us.
    """

    def __init__(self, names: Names) -> None:
        self.on = False
        self.looked = False
        self.saved_tensor_hooks = False
        self._names = names
        self._original: Any = None
        self._is_enabled: Any = None
        self._kinds: dict[str, int] = {}

    def start(self) -> None:
        """Label the operations recorded from now on; stands aside if anomaly mode is in use."""
        if self.on or torch.is_anomaly_enabled():
            return
        self._original = traceback_source.format_stack
        self._is_enabled = torch.is_anomaly_enabled
        traceback_source.format_stack = self._site
        torch.set_anomaly_enabled(True, False)
        torch.is_anomaly_enabled = self._users_own  # what the script asks is answered for itself
        self.on = True

    def stop(self) -> None:
        """Stop labelling and leave everything as it was, or as the script has set it since."""
        if not self.on:
            return
        self.on = False
        users_own = self._users_own()
        torch.is_anomaly_enabled = self._is_enabled
        traceback_source.format_stack = self._original
        if not users_own:
            torch.set_anomaly_enabled(False)

    def _users_own(self) -> bool:
        """True if the script itself switched anomaly mode on: ours is without the NaN check."""
        return bool(self._is_enabled()) and torch.is_anomaly_check_nan_enabled()

    def _site(self) -> list[str]:
        try:
            if torch.is_anomaly_check_nan_enabled() or (
                "torch._dynamo" in sys.modules and torch.compiler.is_compiling()
            ):
                return cast(list[str], self._original())
            return self._walk(sys._getframe().f_back)  # none in the thread of a GPU
        except Exception as error:
            _guard.report("labelling an operation", error)
            return []

    def _walk(self, frame: FrameType | None) -> Site:
        modules: list[nn.Module] = []
        user = other = ""
        outermost: FrameType | None = None
        while frame is not None:
            code = frame.f_code
            if code is _CALL:
                modules.append(frame.f_locals["self"])
                outermost = frame
            elif not user:
                kind = self._kind(code.co_filename)
                if kind == USER:
                    user = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}"
                elif kind == LIBRARY and not other:
                    other = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}"
            frame = frame.f_back
        source = user or other
        site = Site([f"  at {source}\n"] if source else [])
        site.source = source
        site.modules = tuple(reversed(modules))
        self.looked = True
        site.through_hooks = torch._C._autograd._top_saved_tensors_default_hooks(True) is not None
        if site.through_hooks:
            self.saved_tensor_hooks = True
        if modules and not (self._names.knows(modules[-1]) and self._names.knows(modules[0])):
            with unseen():
                self._add(modules, outermost)
        return site

    def _add(self, modules: list[nn.Module], outermost: FrameType | None) -> None:
        """Name the outermost module, and one inside it that is none of its submodules."""
        self._names.add_root(modules[-1], outermost)
        for caller, module in pairwise(reversed(modules)):
            self._names.add_root(module, outermost, caller)

    def _kind(self, filename: str) -> int:
        kind = self._kinds.get(filename)
        if kind is None:
            kind = self._kinds[filename] = file_kind(filename)
        return kind


def site_of(node: Any) -> Site | None:
    """The labels kept for a node, if it was recorded while a labeller was on."""
    kept = node.metadata.get("traceback_")
    return kept if isinstance(kept, Site) else None
