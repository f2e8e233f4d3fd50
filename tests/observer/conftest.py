"""Errors inside chainrule are raised, not swallowed, in tests that run in this process."""

import pytest


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_STRICT", "1")
