"""The scripts that end the lessons: chainrule names the fault, and confirms the repair."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.learning.course.course import REPAIRS, lesson, lesson_files
from chainrule.learning.course.repairs import repair, repairs

TO_REPAIR = [found for id in lesson_files() if (found := lesson(id).repair)]
VARIANTS = ("faulty", "repaired")

MOST_LINES = 40
"""Of a script that a learner is to read in a minute."""


def findings(judge: str, code: str, folder: Path) -> list[str]:
    """The faults that `chainrule check` or `chainrule run` names in a script, in its order."""
    (folder / "train.py").write_text(code)
    form = ["--format", "json"] if judge == "check" else ["--json", "verdict.json", "--no-status"]
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", judge, *form, "train.py"],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode in (0, 1), done.stderr
    said = done.stdout if judge == "check" else (folder / "verdict.json").read_text("utf-8")
    faults = [str(each["fault"]) for each in json.loads(said)["findings"]]
    return [fault for fault in faults if fault != "healthy"]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("asked", TO_REPAIR, ids=lambda asked: asked.name)
def test_the_fault_is_named_and_the_repair_confirmed(
    asked: object, variant: str, tmp_path: Path
) -> None:
    confirm(asked, variant, tmp_path)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", ["vanishing_chain", "cleared_too_early"])
def test_a_sample_of_repairs(name: str, variant: str, tmp_path: Path) -> None:
    confirm(next(each for each in TO_REPAIR if each.name == name), variant, tmp_path)


def confirm(asked: object, variant: str, folder: Path) -> None:
    name, fault, judge = asked.name, asked.fault, asked.judge  # type: ignore[attr-defined]
    found = repair(name)
    assert found.fault == fault
    faulty = variant == "faulty"
    named = findings(judge, found.code if faulty else found.repaired(), folder)
    assert named[:1] == ([fault] if faulty else []), named


def test_every_script_ends_a_lesson() -> None:
    assert sorted(each.name for each in TO_REPAIR) == sorted(repairs())


@pytest.mark.parametrize("path", sorted(REPAIRS.glob("*.py")), ids=lambda path: path.stem)
def test_a_script_is_short_and_its_repair_changes_it_once(path: Path) -> None:
    found = repair(path.stem)
    assert len(found.code.splitlines()) <= MOST_LINES
    assert "chainrule" not in found.code
    for change in found.changes:
        assert found.code.count(change.old) == 1
    compile(found.repaired(), path.name, "exec")
