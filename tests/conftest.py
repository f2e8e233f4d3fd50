"""What every test process starts from."""

import signal
import sys
from typing import Any

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the suite in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_compiled() -> None:
    """What another test of this process compiled would keep every step from being captured."""
    dynamo: Any = sys.modules.get("torch._dynamo")
    if dynamo is not None and any(dynamo.eval_frame.cached_backends.values()):
        dynamo.reset()
