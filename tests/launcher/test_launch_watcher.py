"""A script that dies without a word has its verdict from the watcher, once."""

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from launching import HERE, SCRIPTS, driven, environment, run


@pytest.fixture(autouse=True)
def private_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_a_verdict_follows_any_death(tmp_path: Path) -> None:
    done = run(driven(["leave.py"]))
    assert done.returncode == 7
    assert done.stderr.startswith("VERDICT stub.db")
    assert done.stderr.count("VERDICT") == 1
    for name in ("SIGTERM", "SIGKILL"):
        done = run(driven(["terminate.py", name]))
        number = getattr(signal, name)
        assert done.returncode == -number
        told = json.loads(done.stderr.removeprefix("VERDICT stub.db "))
        assert told.get("signal", str(number)) == f"{number:d}"
        assert told["torch"] == "imported"
    assert list(tmp_path.iterdir()) == []


def test_it_knows_how_the_script_died(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the system tells only the parent")
    assert '"exit_code": "7"' in run(driven(["leave.py"])).stderr
    assert '"signal": "11"' in run(driven(["crash.py"])).stderr
    assert '"signal": "9"' in run(driven(["terminate.py", "SIGKILL"])).stderr


def test_it_knows_so_after_the_parent_has_asked() -> None:
    release = tuple(int(n) for n in os.uname().release.split(".")[:2])
    if sys.platform != "linux" or release < (6, 15):
        pytest.skip("the system tells only the parent")
    with tempfile.TemporaryFile() as stderr:
        command = [sys.executable, *driven(["terminate.py", "SIGKILL"])]
        subprocess.run(command, cwd=SCRIPTS, env=environment(), stderr=stderr)
        for _ in range(200):
            time.sleep(0.01)
            stderr.seek(0)
            if seen := stderr.read():
                break
    assert b'"signal": "9"' in seen


def test_a_script_replaced_by_another_program_is_reported_at_its_end() -> None:
    done = run(driven(["exec_self.py"]))
    assert done.stderr.count("VERDICT") == 1


@pytest.mark.parametrize("script", ["last_words.py", "exception.py", "arguments.py"])
def test_nothing_is_left_after_an_ordinary_end(tmp_path: Path, script: str) -> None:
    assert run(driven([script])).stderr.count("VERDICT") == 1
    assert list(tmp_path.iterdir()) == []


def test_signals_to_the_group_leave_the_watcher_alone() -> None:
    process = subprocess.Popen(
        [sys.executable, *driven(["sleep.py", "torch"])],
        cwd=SCRIPTS,
        env=environment({"TMPDIR": os.environ["TMPDIR"]}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGKILL)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    assert stderr.startswith("VERDICT stub.db")


def test_quiet_starts_no_watcher(tmp_path: Path) -> None:
    done = run(driven(["leave.py"], quiet="1"))
    assert (done.returncode, done.stderr) == (7, "")
    assert list(tmp_path.iterdir()) == []


def test_polling_serves_where_there_is_no_pidfd(tmp_path: Path) -> None:
    pointer = tmp_path / "pointer"
    pointer.write_text('{"run": "stub.db"}')
    script = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    verdict = [sys.executable, "-I", "-S", str(HERE / "verdict_stub.py")]
    settings = {"pointer": str(pointer), "verdict_command": json.dumps(verdict)}
    import chainrule.launcher

    watcher = Path(chainrule.launcher.__file__).with_name("watcher.py")
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(watcher), str(script.pid), "-1"],
        env=environment({"CHAINRULE_SETTINGS": json.dumps(settings)}),
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.3)
    assert process.poll() is None
    script.kill()
    _, stderr = process.communicate(timeout=10)  # the script is a zombie still
    assert stderr.startswith("VERDICT stub.db")
    script.communicate()
    assert not pointer.exists()


def page(tmp_path: Path) -> str:
    """A command that tells when it was started, and for which run."""
    script = tmp_path / "page.py"
    script.write_text(
        "import os, sys, time\n"
        "print('PAGE', *sys.argv[1:], os.getpgid(0) != int(os.environ['GROUP']), flush=True)\n"
    )
    return json.dumps([sys.executable, "-I", "-S", str(script)])


@pytest.mark.parametrize("script", ["leave.py", "exception.py", "arguments.py"])
def test_a_page_is_opened_once_there_is_a_run(tmp_path: Path, script: str) -> None:
    """In time or, for a script that is faster than we look, after it; never in its own group."""
    settings = {"view": "1", "view_command": page(tmp_path)}
    command = [sys.executable, *driven([script], quiet="1", **settings)]
    done = subprocess.run(
        command,
        cwd=SCRIPTS,
        env=environment({"TMPDIR": str(tmp_path), "GROUP": str(os.getpgid(0))}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("PAGE")]
    imports_torch = "import torch" in (SCRIPTS / script).read_text()
    assert told == (["PAGE stub.db True"] if imports_torch else [])
    assert "PAGE" not in done.stdout


def test_where_nothing_can_stay_beside_the_script_no_page_is_promised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from chainrule.launcher.start import _watch

    monkeypatch.setattr(os, "getpid", lambda: 1)
    _watch({"view": "1"})
    assert "use `chainrule view` in another shell" in capsys.readouterr().err
    _watch({"view": ""})
    assert capsys.readouterr().err == ""


def test_the_status_line_lives_from_the_first_step_to_the_verdict(tmp_path: Path) -> None:
    status = tmp_path / "status.py"
    status.write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('STATUS ends', flush=True), sys.exit()))\n"
        "print('STATUS', sys.argv[1:2], '--pid' in sys.argv, flush=True)\n"
        "time.sleep(30)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys, time; sys.path.insert(0, {str(SCRIPTS)!r}); import torch; time.sleep(1)"
    )
    command = json.dumps([sys.executable, "-I", "-S", str(status)])
    leader, follower = pty.openpty()
    with open(leader, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [sys.executable, *driven([str(script)], status="on", status_command=command)],
            stderr=follower,
            env=environment({"TMPDIR": str(tmp_path)}),
            check=True,
            timeout=30,
        )
        os.close(follower)
        seen = b""
        try:
            while piece := terminal.read(1000):
                seen += piece
        except OSError:
            pass  # the last writer has gone
    assert done.returncode == 0
    lines = seen.decode().splitlines()
    assert lines[0] == "STATUS ['stub.db'] True"
    assert lines[1] == "STATUS ends"
    assert lines[2].startswith("VERDICT stub.db")
    assert len(lines) == 3


@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1)])
def test_closed_streams_do_not_wake_the_watcher_early(closed: tuple[int, ...]) -> None:
    command = shlex.join([sys.executable, *driven(["nap.py"])])
    shell = " ".join(["exec", command, *(f"{number}>&-" for number in closed)])
    done = subprocess.run(
        ["sh", "-c", shell],
        cwd=SCRIPTS,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    time.sleep(0.5)
    assert done.stderr.count("VERDICT") == 1
    assert done.stderr.startswith("VERDICT stub.db")
