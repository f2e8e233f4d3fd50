"""A JupyterLab and a marimo of the tests' own, which know nothing of the user's."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0
"""Both import a lot when they start, on machines that do other things as well."""


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """JupyterLab on a folder; gives the URL of a notebook but for its name."""
    port = _free_port()
    command = ["-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.token=t"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--expose-app-in-browser"]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
    with _server(command, folder, f"http://127.0.0.1:{port}/api?token=t"):
        yield f"http://127.0.0.1:{port}/doc/tree/{{}}?token=t"


@contextmanager
def marimo(notebook: Path) -> Iterator[str]:
    """A marimo notebook, run as an application; gives its URL."""
    port = _free_port()
    command = ["-m", "marimo", "--quiet", "run", str(notebook), "--headless", "--no-token"]
    url = f"http://127.0.0.1:{port}/"
    with _server([*command, "--port", str(port)], notebook.parent, url):
        yield url


@contextmanager
def _server(command: Sequence[str], folder: Path, ready: str) -> Iterator[None]:
    own = folder / "own"
    own.mkdir(exist_ok=True)
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    names += ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    environment = {**os.environ, **dict.fromkeys(names, str(own)), "CHAINRULE_STRICT": "1"}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            _wait(ready, process, folder / "server.log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
