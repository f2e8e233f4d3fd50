"""Folders and processes for the run file's tests."""

import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NOBODY = 65534


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python script beside the test; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach; pytest's own are the user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="chainrule-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def in_fork() -> Callable[..., None]:
    """Run a function in a forked child, as a user whom permissions bind; its error is ours."""

    def run(function: Callable[[], object], *, as_nobody: bool = False) -> None:
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if as_nobody and os.geteuid() == 0:
                    os.setresgid(NOBODY, NOBODY, NOBODY)
                    os.setresuid(NOBODY, NOBODY, NOBODY)
                function()
            except BaseException:
                os.write(write_end, traceback.format_exc().encode())
            os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            problem = pipe.read()
        _, status = os.waitpid(child, 0)
        assert not problem, problem
        assert status == 0

    return run
