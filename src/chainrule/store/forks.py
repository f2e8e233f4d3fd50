"""Keeping forked children off their parent's connections.

SQLite forbids carrying a connection over a fork, even to close it: the child would work with locks
that the parent holds, on the log that the parent is writing.
"""

import ctypes
import os
import sqlite3
import weakref
from typing import Protocol


class Inherited(Protocol):
    """Something that a forked child inherits and must not touch."""

    def leave_to_parent(self) -> None:
        """Called in the child, before anything else runs there."""


_inherited: "weakref.WeakSet[Inherited]" = weakref.WeakSet()


def tell_of_forks(owner: Inherited) -> None:
    """From now on call the owner's `leave_to_parent` in every forked child."""
    _inherited.add(owner)


def keep_forever(connection: sqlite3.Connection) -> None:
    """Hold a reference too many, so that not even the interpreter's end closes the connection."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _leave_all_to_parent() -> None:
    for owner in list(_inherited):
        owner.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all_to_parent)
