"""What a verdict is does not depend on what else the machine does."""

import pytest

from chainrule.observer import probes


@pytest.fixture(autouse=True)
def _time_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of processor time after a short run is less on a busy core: three are as much."""
    monkeypatch.setattr(probes, "END_S", 3.0)
