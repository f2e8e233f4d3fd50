"""What every test process starts from."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the suite in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def progress_of_the_tests() -> Iterator[None]:
    """What is practised in tests, in other processes too, is not kept in the developer's file."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHAINRULE_PROGRESS"] = os.path.join(folder, "progress.db")
        yield
        del os.environ["CHAINRULE_PROGRESS"]


@pytest.fixture(autouse=True)
def nothing_compiled() -> None:
    """What another test of this process compiled would keep every step from being captured."""
    dynamo: Any = sys.modules.get("torch._dynamo")
    if dynamo is not None and any(dynamo.eval_frame.cached_backends.values()):
        dynamo.reset()
