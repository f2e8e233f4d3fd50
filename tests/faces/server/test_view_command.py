"""`chainrule view` on the command line, and `chainrule` alone."""

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from recording import record
from served import CHAINRULE, Served, serving, wait_until

from chainrule.faces.server import static
from chainrule.faces.server.address import NoAddress, bind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the run `digits` in its chainrule-runs, and a copy beside it."""
    record(tmp_path).close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    run = (tmp_path / "chainrule-runs" / "digits.db").read_bytes()
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "a copy.db").write_bytes(run)
    (tmp_path / "copies" / "backup.bak").write_bytes(run)
    (tmp_path / "copies" / "other.bak").write_bytes(run)
    return tmp_path


@pytest.mark.parametrize(
    ("what", "names", "route"),
    [
        ((), ["digits"], ""),
        (("digits",), ["digits"], "/run/digits"),
        (("digits.db",), ["digits"], "/run/digits"),
        (("chainrule-runs/digits.db",), ["digits"], "/run/digits"),
        (("copies",), ["a copy"], ""),
        (("copies/a copy.db",), ["a copy"], "/run/a%20copy"),
        (("copies/backup.bak",), ["a copy", "backup"], "/run/backup"),
    ],
)
def test_what_is_shown(folder: Path, what: tuple[str, ...], names: list[str], route: str) -> None:
    with serving(folder, *what) as served:
        assert served.route == route
        assert sorted(entry["name"] for entry in served.ask("runs")["runs"]) == names
        for name in names:
            assert "error" not in served.ask("run", run=name)
        assert served.ask("run", run="other")["error"]["field"] == "run"


def test_a_folder_without_runs_is_shown_as_one(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.ask("runs") == {"view": "runs", "runs": []}
    assert list(tmp_path.iterdir()) == []


def refused(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*CHAINRULE, "view", "--no-browser", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("chainrule: ")
    return line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing",), "Expected a run file, a run's name or a folder, found nothing"),
        (("copies/nothing.db",), "found nothing"),
        (("--port", "-1"), "--port"),
        (("--port", "65536"), "--port"),
        (("--port", "eight"), "--port"),
        (("--host", "nowhere.invalid"), "Expected a name or address of this machine for --host"),
        (("--host", "192.0.2.1"), "the system refused"),
        (("--host", "a" * 100), "--host"),
        (("--host", ""), "--host"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    folder: Path, arguments: tuple[str, ...], says: str
) -> None:
    assert says in refused(folder, *arguments)


def test_a_port_in_use_is_passed_over_and_said(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(folder, "--port", str(port)) as served:
            assert port < served.port < port + 50
            assert served.ask("runs")["view"] == "runs"
            served.end()
            assert served.process.stderr is not None
            assert f"port {port} is taken; this page is on port {served.port}" in (
                served.process.stderr.read()
            )


def test_the_last_port_in_use_is_a_sentence() -> None:
    taken = socket.create_server(("127.0.0.1", 65535))
    with taken, pytest.raises(NoAddress, match=r"from 65535 to 65535 of .* are all taken"):
        bind("127.0.0.1", 65535)


def test_another_port_at_once_after_the_end(folder: Path) -> None:
    """A port that browsers were connected to stays in TIME_WAIT; it is taken again all the same."""
    with serving(folder) as served:
        stream = served.listen("/api/events")
        stream.next()
        served.end()
        stream.close()
        with serving(folder, "--port", str(served.port)) as again:
            assert again.port == served.port
            assert again.token != served.token
            assert again.send("/api/ask/runs", cookie=served.cookie).status == 403


def test_what_questions_need_is_loaded_before_one_is_asked(folder: Path) -> None:
    """Importing the statistics of the slope takes a second, for which the first answer waited."""
    with serving(folder) as served:
        wait_until(lambda: "/scipy/stats/" in served.libraries())
        assert "/torch/" not in served.libraries()
        assert served.end() == 0


def test_it_ends_well_while_it_still_loads(folder: Path) -> None:
    with serving(folder) as served:
        assert served.end(signal.SIGINT) == 0
        assert served.process.stderr is not None
        assert served.process.stderr.read() == ""


def test_who_lets_the_network_in_is_warned(folder: Path) -> None:
    with serving(folder, "--host", "0.0.0.0") as served:
        assert served.host == "127.0.0.1"
        for host in (
            f"127.0.0.1:{served.port}",
            "192.0.2.7:1",
            "[2001:db8::1]",
            socket.gethostname(),
        ):
            assert served.send("/api/ask/runs", host=host, origin=None).status == 200
        for host in ("evil.example", f"127.0.0.1.evil.example:{served.port}"):
            assert served.send("/api/ask/runs", host=host, origin=None).status == 400
        served.end()
        assert served.process.stderr is not None
        assert "over the network" in served.process.stderr.read()


def test_localhost_is_a_name_too(folder: Path) -> None:
    with serving(folder, "--host", "localhost") as served:
        assert served.host == "localhost"
        assert served.ask("runs")["view"] == "runs"
        assert served.end(signal.SIGINT) == 0
        assert served.process.communicate() == ("", "")


def test_views_that_are_not_built_are_a_sentence(tmp_path: Path) -> None:
    answer = static.index(tmp_path)
    assert answer.status_code == 503
    assert static.NOT_BUILT.encode() in bytes(answer.body)
    assert static.listing(tmp_path / "missing") == {}


def test_files_are_served_by_a_listing(tmp_path: Path, folder: Path) -> None:
    with serving(folder) as served:
        names = static.listing()
        if not names:
            assert served.send("/").status == 503
            return
        for name in names:
            answer = served.send(f"/static/{name}")
            assert (answer.status, answer.body) == (200, names[name].read_bytes())
            assert answer.headers["cache-control"] == "no-cache"
            tag = answer.headers["etag"]
            assert served.send(f"/static/{name}", if_none_match=tag).status == 304
            assert served.send(f"/static/{name}", if_none_match='"other"').status == 200
        kinds = {"js": "text/javascript; charset=utf-8", "woff2": "font/woff2"}
        for name in names:
            kind = kinds.get(name.rpartition(".")[2])
            assert kind in (None, served.send(f"/static/{name}").headers["content-type"])


def test_a_link_out_of_the_folder_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    built = tmp_path / "static"
    (built / "fonts").mkdir(parents=True)
    (built / "fonts" / "a.woff2").write_bytes(b"")
    (built / "link.js").symlink_to(tmp_path / "secret")
    assert list(static.listing(built)) == ["fonts/a.woff2"]


def on_a_terminal(
    command: list[str], folder: Path, browser: str
) -> tuple["subprocess.Popen[bytes]", int]:
    leader, follower = pty.openpty()
    kept = {k: v for k, v in os.environ.items() if "DISPLAY" not in k}
    process = subprocess.Popen(
        command, cwd=folder, stdout=follower, stderr=follower, env={**kept, "BROWSER": browser}
    )
    os.close(follower)
    return process, leader


def test_chainrule_alone_opens_the_start_page_in_a_terminal(folder: Path) -> None:
    opened = folder / "opened"
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    process, terminal = on_a_terminal([*CHAINRULE], folder, str(browser))
    with open(terminal, "rb", buffering=0) as read:
        url = read.read(500).decode().split()[0]
        served = Served(process, url)  # type: ignore[arg-type]
        assert served.route == ""
        assert [entry["name"] for entry in served.ask("runs")["runs"]] == ["digits"]
        wait_until(opened.exists)
        assert opened.read_text() == url
        assert served.end(signal.SIGINT) == 0


def test_chainrule_alone_prints_its_help_into_a_pipe(folder: Path) -> None:
    alone, help = (
        subprocess.run([*CHAINRULE, *more], cwd=folder, capture_output=True, timeout=60)
        for more in ([], ["--help"])
    )
    assert alone.returncode == 0
    assert alone.stdout == help.stdout
    assert b"Usage: chainrule" in help.stdout


def test_the_server_loads_neither_torch_nor_numpy() -> None:
    code = "import sys, chainrule.faces.server.serving; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "chainrule.faces.server.app" in loaded
    assert not {"torch", "numpy", "scipy", "sympy"} & set(loaded)
    assert "chainrule.faces.views.questions" not in loaded  # the URL does not wait for them


def test_a_url_is_there_before_much_work_is_done(folder: Path) -> None:
    """A second of the processor at most, whatever else the machine does meanwhile."""
    with serving(folder) as served:
        fields = Path(f"/proc/{served.process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        assert ticks / os.sysconf("SC_CLK_TCK") < 1.0
