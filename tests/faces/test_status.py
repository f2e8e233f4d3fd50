"""The status line on a real pseudo-terminal, its bytes rendered by a terminal emulator."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pyte
import pytest

from chainrule.store import RunWriter

ROWS, COLUMNS = 10, 100
PATIENCE_S = 60.0  # the machine may be busy; nothing waits this long where it is not


class Terminal:
    """A terminal with `chainrule status` on it, and a training that does not train."""

    def __init__(self, run: str, rows: int = ROWS, term: str = "xterm") -> None:
        self.screen = pyte.Screen(COLUMNS, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self._ours, self.theirs = pty.openpty()
        self.resize(rows, feed=False)
        self.training = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self.status = subprocess.Popen(
            [sys.executable, "-m", "chainrule", "status", run, "--pid", str(self.training.pid)],
            stdout=self.theirs,
            stderr=self.theirs,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TERM": term},
            start_new_session=True,  # as the launcher does
        )

    def resize(self, rows: int, feed: bool = True) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
        if feed:
            self.screen.resize(rows, COLUMNS)

    def write(self, text: str) -> None:
        os.write(self.theirs, text.encode())

    def read(self) -> None:
        while select.select([self._ours], [], [], 0.05)[0]:
            data = os.read(self._ours, 65536)
            self.bytes += data
            self._stream.feed(data)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, self.lines
            self.read()

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def last(self) -> str:
        return self.lines[-1]

    def end(self) -> None:
        for process in (self.status, self.training):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        os.close(self._ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(writer: RunWriter) -> Iterator[Callable[..., Terminal]]:
    made = []

    def make(**how: object) -> Terminal:
        made.append(Terminal(str(writer.path), **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.end()


def restored(terminal: Terminal) -> bool:
    """Nothing on the last row, and the whole screen scrolls."""
    return terminal.last == "" and terminal.screen.margins in (None, (0, len(terminal.lines) - 1))


def test_last_row_is_kept_while_the_script_writes_above(
    terminal: Callable[..., Terminal], writer: RunWriter
) -> None:
    shown = terminal()
    shown.write("before\r\nno newline yet")
    shown.wait_for(lambda: "step 200" in shown.last)
    assert "loss 1.6 · -0.002 loss per step · worst factor × 0.1 layers.1 Sigmoid" in shown.last
    shown.write(" ... done\r\n")
    for i in range(30):
        shown.write(f"line {i}\r\n")
    shown.wait_for(lambda: "line 29" in shown.lines)
    assert "step 200" in shown.last
    assert shown.lines[: ROWS - 2] == [f"line {i}" for i in range(22, 30)]

    writer.point("loss", 200, 1.0)
    writer.totals(steps=1201, backward_passes=201, sampled_steps=1, observed_s=0.02, training_s=4.1)
    writer.flush()
    shown.wait_for(lambda: "step 1,201" in shown.last)

    shown.status.terminate()
    assert shown.status.wait(PATIENCE_S) == 0
    shown.read()
    assert restored(shown)
    assert shown.lines[: ROWS - 2] == [f"line {i}" for i in range(22, 30)]
    shown.write("after\r\n")
    shown.wait_for(lambda: "after" in shown.lines)


def test_text_on_the_last_row_moves_up_and_keeps_its_column(
    terminal: Callable[..., Terminal],
) -> None:
    shown = terminal()
    shown.write("\r\n" * (ROWS - 1) + "progress: 10%")
    shown.wait_for(lambda: "step 200" in shown.last)
    shown.write(", 20%")
    shown.wait_for(lambda: shown.lines[-2] == "progress: 10%, 20%")


def test_the_terminal_is_given_back_when_the_training_is_gone(
    terminal: Callable[..., Terminal],
) -> None:
    shown = terminal()
    shown.wait_for(lambda: "step 200" in shown.last)
    shown.training.kill()
    shown.training.wait()
    assert shown.status.wait(PATIENCE_S) == 0
    shown.read()
    assert restored(shown)


def test_ctrl_c_is_the_trainings_to_answer(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.wait_for(lambda: "step 200" in shown.last)
    shown.status.send_signal(signal.SIGINT)
    shown.status.send_signal(signal.SIGTSTP)
    time.sleep(0.2)
    assert shown.status.poll() is None


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
def test_every_way_to_end_it_restores_the_terminal(
    number: signal.Signals, terminal: Callable[..., Terminal]
) -> None:
    shown = terminal()
    shown.wait_for(lambda: "step 200" in shown.last)
    shown.status.send_signal(number)
    assert shown.status.wait(PATIENCE_S) == 0
    shown.read()
    assert restored(shown)


@pytest.mark.parametrize("rows", [ROWS + 6, ROWS - 3])
def test_resizing_moves_the_row(rows: int, terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.wait_for(lambda: "step 200" in shown.last)
    shown.resize(rows)
    shown.status.send_signal(signal.SIGWINCH)
    shown.wait_for(lambda: len(shown.lines) == rows and "step 200" in shown.last)
    shown.status.terminate()
    shown.status.wait(PATIENCE_S)
    shown.read()
    assert restored(shown)


@pytest.mark.parametrize("how", [{"term": "dumb"}, {"term": ""}])
def test_nothing_is_drawn_on_a_dumb_terminal(
    how: dict[str, object], terminal: Callable[..., Terminal]
) -> None:
    shown = terminal(**how)
    time.sleep(2)
    assert shown.status.poll() is None  # it may have an error to tell of
    shown.training.kill()
    assert shown.status.wait(PATIENCE_S) == 0
    shown.read()
    assert shown.bytes == b""


def test_nothing_is_written_in_a_tiny_terminal(terminal: Callable[..., Terminal]) -> None:
    shown = terminal(rows=3)
    time.sleep(2)
    shown.read()
    assert shown.bytes == b""
    assert shown.status.poll() is None


def test_nothing_is_written_where_stderr_is_no_terminal(writer: RunWriter) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "status", str(writer.path), "--pid", str(os.getpid())],
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout == done.stderr == b""


def test_a_run_file_that_is_not_there_yet_is_waited_for(
    terminal: Callable[..., Terminal], writer: RunWriter
) -> None:
    hidden = writer.path.with_suffix(".later")
    writer.flush()
    os.rename(writer.path, hidden)
    shown = terminal()
    shown.wait_for(lambda: "waiting for the first step" in shown.last)
    os.rename(hidden, writer.path)
    shown.wait_for(lambda: "step 200" in shown.last)
