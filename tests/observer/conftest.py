"""Errors inside chainrule are raised, not swallowed, in tests that run in this process."""

import sys
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_STRICT", "1")


@pytest.fixture(autouse=True)
def nothing_compiled() -> None:
    """What another test of this process compiled would keep every step from being captured."""
    dynamo: Any = sys.modules.get("torch._dynamo")
    if dynamo is not None:
        dynamo.reset()
