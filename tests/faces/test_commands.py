"""The commands that print: what they print where, and with which status."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

import chainrule
import chainrule.diagnosis
from chainrule.faces import cli
from chainrule.faces.cli import status_of
from chainrule.records import Finding
from chainrule.store import RunWriter, open_run


@pytest.fixture
def recorded(
    writer: RunWriter,
    vanishing: Finding,
    dead_units: Finding,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[RunWriter]:
    """The run `digits` in ./chainrule-runs, with two findings whenever it is diagnosed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(chainrule.diagnosis, "diagnose", lambda run: (vanishing, dead_units))
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1760000004.0)
    yield writer


def test_every_command_says_what_it_does() -> None:
    assert all((module.command.__doc__ or "").strip() for module in cli.COMMANDS)


def test_help_lists_the_commands_people_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([]) == status_of(["--help"]) == 0
    written = capsys.readouterr().out
    for name in ("run", "diagnose", "runs", "explain"):
        assert f"\n  {name} " in written
    assert "\n  verdict " not in written
    assert "\n  status " not in written


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--version"]) == 0
    assert capsys.readouterr().out == f"chainrule {chainrule.__version__}\n"


# ---- diagnose, runs, explain


@pytest.mark.parametrize("named", [[], ["digits"], ["chainrule-runs/digits.db"]])
def test_diagnose_finds_the_run_and_prints_on_stdout(
    named: list[str], recorded: RunWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["diagnose", *named]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "digits: finished after 200 steps on cpu" in captured.out
    assert captured.out.count("What to change") == 2  # every finding in full


def test_diagnose_in_the_other_formats(
    recorded: RunWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["diagnose", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [f["fault"] for f in document["findings"]] == ["vanishing-gradient", "dead-units"]
    assert status_of(["diagnose", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# digits: finished after 200 steps on cpu\n")


def bad_file(kind: str, folder: Path, recorded: RunWriter) -> str:
    path = folder / "bad.db"
    if kind == "text":
        path.write_text("no database\n" * 100)
    elif kind == "empty":
        path.touch()
    elif kind == "truncated":
        whole = recorded.path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    return str(path)


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "truncated"])
def test_a_bad_run_file_is_one_sentence_and_status_2(
    kind: str, recorded: RunWriter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert status_of(["diagnose", bad_file(kind, tmp_path, recorded)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("chainrule: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


def test_without_runs_diagnose_says_how_to_make_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(["diagnose"]) == 2
    assert "Make one: chainrule run train.py" in capsys.readouterr().err
    assert status_of(["runs"]) == 0
    assert "There are no runs in chainrule-runs yet." in capsys.readouterr().out


def test_runs_lists_good_files_and_bad_ones(
    recorded: RunWriter,
    vanishing: Finding,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
) -> None:
    chainrule.store.write_findings(recorded.path, [vanishing])
    folder = recorded.path.parent
    bad_file("text", folder, recorded)
    os.utime(folder / "bad.db", (1, 1))  # the oldest: last in the list
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert status_of(["runs"]) == 0
    assert capsys.readouterr().out == snapshot
    assert status_of(["runs", str(folder), "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [Path(entry["path"]).stem for entry in listed] == ["digits", "bad"]
    assert listed[0]["finding"]["fault"] == "vanishing-gradient"
    assert listed[0]["run"]["steps"] == 200
    assert listed[1]["run"] is None
    assert "bad.db" in listed[1]["error"]


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two faults, so that what is shown of them does not change with the real ones."""
    made = []
    for name, summary in [
        ("vanishing-gradient", "Early weights stop moving."),
        ("dead-units", "Units that pass nothing on."),
    ]:
        module = ModuleType(name)
        module.__doc__ = (
            "Vanishing.\n\nWhat it is\n    A product with\n    many factors.\n\n"
            "        ∂L/∂w = 0.1 · 0.2\n\nRemedies\n    ReLU.\n"
        )
        vars(module).update(NAME=name, SUMMARY=summary)
        made.append(module)
    monkeypatch.setattr("chainrule.diagnosis.faults.FAULTS", tuple(made))


@pytest.mark.parametrize("format", ["text", "markdown", "json"])
@pytest.mark.parametrize("named", [["dead-units"], []])
def test_explain(
    format: str,
    named: list[str],
    faults: None,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    assert status_of(["explain", *named, "--format", format]) == 0
    assert capsys.readouterr().out == snapshot


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ("vanishing", "did you mean vanishing-gradient?"),
        ("dead_unit", "did you mean dead-units?"),
        ("xyz", "known: vanishing-gradient, dead-units."),
    ],
)
def test_unknown_fault_is_answered_with_the_nearest(
    named: str, hint: str, faults: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["explain", named]) == 2
    assert capsys.readouterr().err == f"chainrule: There is no fault {named}; {hint}\n"


def test_every_real_fault_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    from chainrule.diagnosis.faults import FAULTS

    for module in FAULTS:
        assert status_of(["explain", module.NAME]) == 0
        written = capsys.readouterr().out
        assert module.SUMMARY.split()[0] in written
        assert "\nHow it is found\n" in written


# ---- verdict


def give_verdict(run: Path | str | None, **settings: str) -> int:
    return status_of(["verdict", *([str(run)] if run else []), "--settings", json.dumps(settings)])


def test_verdict_prints_on_stderr_keeps_the_findings_and_writes_the_document(
    recorded: RunWriter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "verdict.json"
    assert give_verdict(recorded.path, json=str(target), format="text") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "vanishing-gradient" in captured.err
    assert captured.err.count("What to change") == 1  # the most important finding in full
    assert "chainrule diagnose digits  to read every finding in full" in captured.err
    with open_run(recorded.path) as reader:
        assert [f.fault for f in reader.findings()] == ["vanishing-gradient", "dead-units"]
    assert json.loads(target.read_text())["run"]["name"] == "digits"
    assert [path.name for path in tmp_path.iterdir() if "verdict" in path.name] == ["verdict.json"]


def test_silent_verdict_only_writes(
    recorded: RunWriter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert give_verdict(recorded.path, format="none", json=str(tmp_path / "v.json")) == 0
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert (tmp_path / "v.json").exists()


def test_verdict_names_the_signal_that_killed_the_run(
    writer: RunWriter,
    vanishing: Finding,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changed_run: Callable[..., Any],
) -> None:
    monkeypatch.setattr(chainrule.diagnosis, "diagnose", lambda run: (vanishing,))
    lost = changed_run(status="lost", exit_code=None)
    monkeypatch.setattr("chainrule.store.RunReader.run", lambda self: lost)
    assert give_verdict(writer.path, signal="9") == 0
    assert "lost after 640 steps on cpu: killed by SIGKILL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"torch": "never imported"}, "train.py never imported torch, so there was no training"),
        ({"torch": "imported"}, "train.py took no optimizer step that could be seen, so there"),
        ({}, "train.py was not seen to take an optimizer step, so there was no training to watch."),
        ({"torch": "unobserved"}, ""),
        ({"torch": "never imported", "format": "none"}, ""),
        (
            {"torch": "never imported", "format": "none", "json": "/v.json"},
            "there was no training to watch. /v.json is not written.",
        ),
        (
            {"torch": "imported", "unrecorded": "The folder cannot be made."},
            "train.py could not be recorded, so there is no verdict on it.",
        ),
        (
            {"unrecorded": "The folder cannot be made.", "format": "none", "json": "/v.json"},
            "no verdict on it. /v.json is not written.",
        ),
    ],
)
def test_verdict_without_a_run_is_one_sentence(
    settings: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert give_verdict(None, script="train.py", **settings) == 0
    written = capsys.readouterr().err
    assert said in written
    assert written.count("\n") == bool(said)


def test_a_run_whose_file_could_not_be_written_to_the_end_is_lost(
    recorded: RunWriter, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "v.json"
    cut: dict[str, str] = {"unrecorded": "The disk is full.", "steps": "1200"}
    assert give_verdict(recorded.path, json=str(target), **cut) == 0
    written = " ".join(capsys.readouterr().err.split())
    assert "lost after 200 steps" in written
    assert "could not be written any more, so its last 1,000 steps are not in it" in written
    assert "still running" not in written
    assert json.loads(target.read_text())["run"]["status"] == "lost"


def test_a_link_stays_and_what_it_points_to_is_written(recorded: RunWriter, tmp_path: Path) -> None:
    target, link = tmp_path / "there.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    assert give_verdict(recorded.path, format="none", json=str(link)) == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["run"]["name"] == "digits"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_into(recorded: RunWriter, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert give_verdict(recorded.path, format="none", json=str(pipe)) == 0
    reader.join(10)
    assert json.loads(read[0])["run"]["name"] == "digits"
    assert pipe.is_fifo()


def test_verdict_never_fails(
    recorded: RunWriter,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert give_verdict(tmp_path / "none.db") == 0
    assert give_verdict(recorded.path, format="none", json=str(tmp_path / "no" / "v.json")) == 0
    assert give_verdict(bad_file("text", tmp_path, recorded)) == 0
    assert status_of(["verdict", "--settings", "{"]) == 0
    assert status_of(["verdict", "--settings", "[]"]) == 0

    def fail(run: object) -> None:
        raise RuntimeError("a bug\nof ours")

    monkeypatch.setattr(chainrule.diagnosis, "diagnose", fail)
    assert give_verdict(recorded.path) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("chainrule: ") for line in lines)
    assert "no/v.json" in lines[1]
    assert "RuntimeError: a bug of ours" in lines[5]


def test_closed_streams_do_no_harm(recorded: RunWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert give_verdict(recorded.path) == 0
    assert give_verdict(None) == 0
    assert status_of(["diagnose"]) == 0
    assert status_of(["diagnose", "none"]) == 2


def test_the_process_ends_with_the_status() -> None:
    for line, status in (["--version"], 0), (["diagnose", "/none.db"], 2):
        done = subprocess.run([sys.executable, "-m", "chainrule", *line], capture_output=True)
        assert done.returncode == status
        assert b"Traceback" not in done.stderr
