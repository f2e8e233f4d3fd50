"""The entry to backward, without a frame of ours on the stack.

Every backward pass and every `torch.autograd.grad` goes through `_engine_run_backward`, which,
when its logger is at DEBUG, asks a function of its module to register hooks on the whole graph
and calls what that returns when the engine is done. We take the place of that function: it has
returned before the engine starts, so an exception in backward carries the user's frames alone.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

import torch
import torch.autograd.graph as autograd_graph

OnBackward = Callable[[Sequence[Any], tuple[Any, ...], dict[str, Any]], Any]
Lightly = Callable[[Sequence[Any]], bool]

_BACKWARD = torch.autograd.backward.__code__


class _Log:
    """Autograd's logger, always at DEBUG for the one question that it is asked."""

    def __init__(self, logger: logging.Logger) -> None:
        self.logger = logger
        self.getEffectiveLevel = partial(int, logging.DEBUG)  # asked at each pass: without a frame

    def __getattr__(self, name: str) -> Any:
        return getattr(self.logger, name)


_NOTHING: Callable[[], object] = bool
"""What is called at the end of a pass that needs nothing then: it has no frame to be set up."""


def _is_ours(frame: FrameType) -> bool:
    """True if an instrument of chainrule asks: engine ← `torch.autograd.grad` ← us."""
    caller = frame.f_back and frame.f_back.f_back
    return caller is not None and caller.f_globals.get("__name__", "").startswith("chainrule.")


def supported() -> bool:
    """True if this PyTorch has the entry we use."""
    return hasattr(autograd_graph, "_register_logging_hooks_on_whole_graph") and hasattr(
        autograd_graph, "log"
    )


def attach(on_backward: OnBackward, lightly: Lightly | None = None) -> Callable[[], None]:
    """Call `on_backward(outputs, args, kwargs)` before each pass.

    It returns a function to call when the engine is done, or None, and must not raise.

    Args:
        on_backward: It.
        lightly: Asked first in `backward()`, with the outputs alone: to fetch the rest out of the
            caller's frame takes longer than most passes need. True if that was all.

    Returns:
        A function that takes everything back.
    """
    logger = autograd_graph.log
    register = autograd_graph._register_logging_hooks_on_whole_graph

    def entry(outputs: Sequence[Any]) -> Callable[[], object]:
        done = None
        frame = sys._getframe(1)
        caller = frame.f_back
        if (
            lightly is None
            or caller is None
            or caller.f_code is not _BACKWARD
            or not lightly(outputs)
        ):
            if _is_ours(frame):
                return _NOTHING
            local = frame.f_locals
            done = on_backward(outputs, local.get("args", ()), local.get("kwargs", {}))
        if logger.isEnabledFor(logging.DEBUG):
            remove = register(outputs)
            return lambda: (remove(), done() if done else None)[1]
        return done or _NOTHING

    autograd_graph.log = _Log(logger)  # type: ignore[assignment]
    autograd_graph._register_logging_hooks_on_whole_graph = entry  # type: ignore[assignment]

    def detach() -> None:
        if autograd_graph._register_logging_hooks_on_whole_graph is entry:
            autograd_graph._register_logging_hooks_on_whole_graph = register
            autograd_graph.log = logger

    return detach
