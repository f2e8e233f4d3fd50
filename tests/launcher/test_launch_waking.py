"""The observer wakes with torch, once, in the process that records and in no other."""

import sys
from pathlib import Path

import pytest
from launching import SCRIPTS, VERDICT, driven, run

VERDICT_DONE = 'VERDICT stub.db {"torch": "imported"}\n'


@pytest.mark.parametrize("in_process", ["", "1"])
def test_wakes_with_torch_and_reports_once_after_the_script(
    tmp_path: Path, in_process: str
) -> None:
    log = tmp_path / "log"
    done = run(driven(["last_words.py"], log=str(log), in_process=in_process))
    assert log.read_text() == "boot -/- 0\nfinish None\n"
    assert done.stdout == "end\nat exit\n"
    said = "chainrule: as asked: running the script inside this process\n" if in_process else ""
    assert done.stderr == said + VERDICT_DONE


def test_the_verdict_comes_after_the_last_print(tmp_path: Path) -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, *driven(["last_words.py"])],
        cwd=SCRIPTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout == "end\nat exit\n" + VERDICT_DONE


@pytest.mark.parametrize("in_process", ["", "1"])
@pytest.mark.parametrize(
    ("script", "code"), [("exception.py", "1"), ("interrupt.py", "130"), ("exit_code.py", "None")]
)
def test_the_closing_row_hears_of_an_uncaught_exception(
    tmp_path: Path, script: str, code: str, in_process: str
) -> None:
    log = tmp_path / "log"
    done = run(driven([script], log=str(log), in_process=in_process))
    assert log.read_text() == f"boot -/- 0\nfinish {code}\n"
    assert done.stderr.count("VERDICT") == 1
    assert (f'"exit_code": "{code}"' in done.stderr) is (code != "None")


def test_a_script_without_torch_is_told_so() -> None:
    done = run(driven(["import_error.py"]))
    assert done.stderr.endswith('VERDICT {"exit_code": "1", "torch": "never imported"}\n')


def test_wakes_when_the_environments_own_sitecustomize_imports_torch(tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {"PYTHONPATH": str(SCRIPTS / "torch_site")}
    run(driven(["arguments.py"], log=str(log)), env=env)
    assert log.read_text() == "boot -/- 0\nfinish None\n"


@pytest.mark.parametrize(
    "target",
    [["forked_training.py"], ["processes.py", "fork"], ["processes.py", "spawn"]],
    ids=" ".join,
)
def test_children_are_not_recorded(tmp_path: Path, target: list[str]) -> None:
    log = tmp_path / "log"
    done = run(driven(target, log=str(log)))
    assert not log.exists()
    assert done.stderr == 'VERDICT {"torch": "never imported"}\n'


def test_an_observer_that_fails_is_reported_once_and_the_script_goes_on() -> None:
    done = run(driven(["last_words.py"], fails="boot"))
    assert (done.returncode, done.stdout) == (0, "end\nat exit\n")
    said, verdict = done.stderr.splitlines()
    assert said == (
        "chainrule: could not start its observer (RuntimeError: the stub fails); "
        "training goes on unobserved."
    )
    assert verdict == 'VERDICT {"torch": "unobserved"}'


def test_strict_lets_the_observers_exception_through() -> None:
    done = run(driven(["last_words.py"], fails="boot"), env={"CHAINRULE_STRICT": "1"})
    assert done.returncode == 1
    assert "RuntimeError: the stub fails" in done.stderr


def test_a_failing_end_is_reported_and_changes_nothing() -> None:
    done = run(driven(["exit_code.py"], fails="finish"))
    assert done.returncode == 3
    assert done.stderr.startswith("chainrule: could not close the run file (RuntimeError")
    assert done.stderr.count("VERDICT") == 1


def test_a_failing_verdict_changes_nothing() -> None:
    assert run(driven(["exit_code.py"], verdict_command='["/nonexistent"]')).returncode == 3
    failing = VERDICT.replace("]", ', "fail"]')
    assert run(driven(["last_words.py"], verdict_command=failing)).returncode == 0
