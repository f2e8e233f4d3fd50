"""`chainrule run`: what is parsed, refused and handed to the launcher."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import chainrule.launcher
from chainrule.faces.cli import status_of
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.settings import run_name
from chainrule.launcher import LaunchError
from chainrule.store import can_name_a_file

Started = list[dict[str, Any]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What the launcher is asked to start; nothing is."""
    asked: Started = []

    def start(arguments: list[str], **how: Any) -> None:
        asked.append({"arguments": arguments, **how})

    monkeypatch.setattr(chainrule.launcher, "start", start)
    return asked


@pytest.mark.parametrize(
    ("line", "arguments", "is_module"),
    [
        ("train.py", ["train.py"], False),
        (
            "train.py --budget 5% -m x --help",
            ["train.py", "--budget", "5%", "-m", "x", "--help"],
            False,
        ),
        ("train.py -- --name x -- y", ["train.py", "--", "--name", "x", "--", "y"], False),
        ("-- train.py --quiet", ["train.py", "--quiet"], False),
        ("-m package.module -m --version", ["package.module", "-m", "--version"], True),
        ("--name a -m pkg --name b", ["pkg", "--name", "b"], True),
        ("-m --name a pkg", ["pkg"], True),
        ("- -x", ["-", "-x"], False),
    ],
)
def test_options_after_the_script_are_the_scripts(
    line: str, arguments: list[str], is_module: bool, started: Started
) -> None:
    assert status_of(["run", *line.split()]) == 0
    assert started[0]["arguments"] == arguments
    assert started[0]["is_module"] is is_module
    assert started[0]["in_process"] is False


def test_arguments_arrive_unchanged(started: Started) -> None:
    odd = ["", " ", "a b", "--", "-", "*", "é", "\udcff", "--json=x", "@file", "$HOME"]
    assert status_of(["run", "train.py", *odd]) == 0
    assert started[0]["arguments"] == ["train.py", *odd]


def test_settings_as_the_observer_and_the_verdict_expect_them(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(["run", "train.py"]) == 0
    assert started[0]["settings"] == {
        "script": "train.py",
        "budget": "0.01",
        "every": "",
        "name": "",
        "folder": str(tmp_path / "chainrule-runs"),
        "json": "",
        "format": "text",
        "quiet": "",
        "status": "on",
        "inside_compiled": "",
        "capture": "8",
        "save_captures": "",
        "view": "",
        "stop_on": "",
    }
    options = "--every 10 --name a --folder f --json v.json --format markdown --no-status"
    options += " --capture 4 --save-captures --view --stop-on warning"
    assert status_of(["run", *options.split(), "--inside-compiled", "--in-process", "t.py"]) == 0
    assert started[1]["settings"] == {
        "script": "t.py",
        "budget": "0.01",
        "every": "10",
        "name": "a",
        "folder": str(tmp_path / "f"),
        "json": str(tmp_path / "v.json"),
        "format": "markdown",
        "quiet": "",
        "status": "off",
        "inside_compiled": "1",
        "capture": "4",
        "save_captures": "1",
        "view": "1",
        "stop_on": "warning",
    }
    assert started[1]["in_process"] is True


def test_quiet_prints_nothing_and_still_writes_what_was_asked_for(started: Started) -> None:
    assert status_of(["run", "--quiet", "train.py"]) == 0
    assert status_of(["run", "--quiet", "--json", "v.json", "train.py"]) == 0
    silent, written = (each["settings"] for each in started)
    assert (silent["quiet"], silent["status"]) == ("1", "off")
    assert (written["quiet"], written["format"], written["status"]) == ("", "none", "off")


@pytest.mark.parametrize(
    ("given", "share"),
    [("1%", "0.01"), ("0.01", "0.01"), ("0.5 %", "0.005"), ("1e-3", "0.001"), ("99%", "0.99")],
)
def test_budget(given: str, share: str, started: Started) -> None:
    assert status_of(["run", "--budget", given, "train.py"]) == 0
    assert started[0]["settings"]["budget"] == share


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--budget x t.py", "--budget x is no share of the training time; write"),
        ("--budget 1 t.py", "--budget 1 is no share"),
        ("--budget 0% t.py", "--budget 0% is no share"),
        ("--budget -1% t.py", "is no share"),
        ("--budget nan t.py", "is no share"),
        ("--budget 100% t.py", "is no share"),
        ("--every 0 t.py", "--every 0 says no steps; write"),
        ("--every 1.5 t.py", "says no steps"),
        ("--every ² t.py", "says no steps"),
        ("--every 5 --budget 1% t.py", "--every and --budget cannot be used together"),
        ("--name a/b t.py", "--name 'a/b' cannot name a run file"),
        ("--name .. t.py", "cannot name a run file"),
        ("--json no/such/v.json t.py", "cannot be written: there is no folder"),
        ("--json . t.py", "cannot be written: it is a folder"),
        ("--folder file t.py", "--folder file is a file; name a folder"),
        ("--format xml t.py", "--format"),
        ("--nonsense t.py", "No such option: --nonsense"),
        ("--budget", "--budget"),
        ("", "Missing argument"),
        ("python train.py", "found python; leave it out: chainrule run train.py"),
    ],
)
def test_a_bad_command_line_is_one_sentence_and_status_2(
    line: str,
    said: str,
    started: Started,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert status_of(["run", *line.split()]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("chainrule: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert started == []


def test_a_script_that_cannot_be_started_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(*arguments: object, **how: object) -> None:
        raise LaunchError("There is no script nope.py.")

    monkeypatch.setattr(chainrule.launcher, "start", start)
    assert status_of(["run", "nope.py"]) == 2
    assert capsys.readouterr().err == "chainrule: There is no script nope.py.\n"


def test_run_loads_nothing_heavy_before_the_script() -> None:
    code = (
        "import sys, chainrule.launcher as l\n"
        "l.start = lambda *a, **k: print(*sorted(sys.modules))\n"
        "from chainrule.faces.cli import status_of\n"
        "status_of(['run', '--name', 'a', 'train.py'])\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"torch", "rich", "sqlite3", "numpy", "chainrule.records", "chainrule.store"}
    assert heavy.isdisjoint(loaded)
    assert "chainrule.faces.cli.run" in loaded


@pytest.mark.parametrize(
    "name", ["mnist", "a b", "é-1", "x.y", "", ".", "..", ".x", "a/b", "a\\b", "a\0b", "a\nb"]
)
def test_the_command_and_the_library_take_the_same_names(name: str) -> None:
    try:
        taken = run_name(name) == name
    except CommandFailed:
        taken = False
    assert taken == can_name_a_file(name)
