"""The one place that swallows an exception of ours, so that none reaches the user's training.

An internal error is handed to `on_error` (which records it and says so once) and training goes on
without the part that failed. With `CHAINRULE_STRICT=1`, as in our tests, it is raised instead.
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_listeners: list[Callable[[str, BaseException], None]] = []
_reporting = False


def on_error(listener: Callable[[str, BaseException], None]) -> Callable[[], None]:
    """Call `listener(where, error)` for each swallowed exception.

    Returns:
        A function that removes the listener.
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener) if listener in _listeners else None


def report(where: str, error: BaseException) -> None:
    """Tell the listeners of an exception that was swallowed in `where`."""
    global _reporting
    if os.environ.get("CHAINRULE_STRICT") == "1":
        raise error
    if _reporting:
        return
    _reporting = True
    try:
        for listener in _listeners:
            listener(where, error)
    except Exception:
        _listeners.clear()
    finally:
        _reporting = False


def guarded(function: Callable[P, R]) -> Callable[P, R | None]:
    """Swallow and report any `Exception` of `function`, which then returns None."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            report(function.__qualname__, error)
            return None

    return call
