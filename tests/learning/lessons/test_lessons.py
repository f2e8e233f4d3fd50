"""The fifteen lessons as a learner meets them: complete, true, and with no number typed."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.diagnosis.faults import FAULTS
from chainrule.learning.course.blocks import RealRun
from chainrule.learning.course.course import LESSONS, REPAIRS, lesson, lesson_of_fault, outlines
from chainrule.learning.skills import SKILLS

ROOT = Path(__file__).resolve().parents[3]

COURSE = (
    "rate-of-change",
    "derivative-function-and-number",
    "the-rules",
    "partial-derivatives",
    "gradient-as-navigation",
    "the-step",
    "chain-rule",
    "backpropagation",
    "vanishing-and-exploding",
    "flat-places",
    "jacobian-and-hessian",
    "why-the-transpose",
    "softmax-and-cross-entropy",
    "reading-backward",
    "your-own-model",
)

TEXTS = sorted(LESSONS.rglob("*.md"))

_NO_TEXT = re.compile(
    r"\A\+\+\+.*?^\+\+\+$"  # the front matter
    r"|^:{3,}code$.*?^:{3,}$|^```.*?^```$"
    r"|^(?:formula|at|h|lr|lower|upper|weight|input|direction|truth) = .*?$"
    r"|\{\{.*?\}\}|`[^`]*`",
    re.DOTALL | re.MULTILINE,
)
_DECIMAL = re.compile(r"\d[.,]\d")


def typed_decimals(text: str) -> list[str]:
    """Decimals in what is read, outside code and numbers that are computed."""
    return _DECIMAL.findall(_NO_TEXT.sub("", text))


def page_of_lessons() -> object:
    found = importlib.util.spec_from_file_location("lessons_page", ROOT / "docs" / "lessons.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_course_has_its_lessons_in_order() -> None:
    assert tuple(each.id for each in outlines()) == COURSE
    assert [each.number for each in outlines()] == list(range(1, 16))


@pytest.mark.parametrize("id", COURSE)
def test_a_lesson_has_all_its_parts(id: str) -> None:
    found = lesson(id)
    assert sum(bool(view.drag) for view in found.views) == 1
    assert found.predictions
    assert len(found.exercises) == 3
    assert len(found.cells) == 1
    assert found.repair is not None
    assert all(each.skill in SKILLS for each in found.exercises)
    assert set(found.outline.skills) <= set(SKILLS)
    known = {fault.NAME for fault in FAULTS}
    runs = [block for block in found.all_blocks() if isinstance(block, RealRun)]
    assert len(runs) == 1
    assert {runs[0].fault, found.repair.fault, *found.outline.faults} <= known
    assert any((folder / runs[0].example).is_file() for folder in (ROOT / "examples", REPAIRS))


def test_every_skill_is_trained_in_the_lesson_that_teaches_it() -> None:
    teaches = {each.id: each.skills for each in outlines()}
    missing = [skill.id for skill in SKILLS.values() if skill.id not in teaches[skill.lesson]]
    assert not missing


def test_every_difficulty_is_met_and_the_page_says_where() -> None:
    made = page_of_lessons()
    met = {number for each in outlines() for number in each.difficulties}
    assert met == set(made.DIFFICULTIES)  # type: ignore[attr-defined]
    assert len(met) == 33
    current = (ROOT / "docs" / "lessons.md").read_text("utf-8")
    assert current == made.page(), "run `python docs/lessons.py`"  # type: ignore[attr-defined]


def test_a_fault_belongs_to_one_lesson_and_repairs_differ() -> None:
    faults = [fault for each in outlines() for fault in each.faults]
    assert len(faults) == len(set(faults))
    repaired = [lesson(id).repair for id in COURSE]
    assert len({each.fault for each in repaired if each}) == len(COURSE)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(LESSONS)))
def test_no_number_is_typed(path: Path) -> None:
    assert not typed_decimals(path.read_text("utf-8"))


def test_a_typed_number_is_noticed() -> None:
    assert typed_decimals("+++\na = 1.5\n+++\nThe slope is 0.25.") == ["0.2"]
    assert not typed_decimals("It is {{ slope | .2f }}, of `2.5`.\n:::code\nx = 1.5\n:::\n")


@pytest.mark.parametrize("id", COURSE)
def test_the_cell_runs_and_prints_numbers_of_the_text(id: str) -> None:
    found = lesson(id)
    done = subprocess.run(
        [sys.executable, "-c", found.cells[0].code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    printed = [float(each) for each in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", done.stdout)]
    said = [value for value in found.numbers.values() if value]
    close = [p for p in printed if p and any(abs(p - s) <= 0.01 * abs(s) for s in said)]
    assert close or id == "your-own-model", "nothing of what it prints is in the lesson"


def test_every_fault_that_somebody_can_have_leads_to_a_lesson() -> None:
    without = {fault.NAME for fault in FAULTS if lesson_of_fault(fault.NAME) is None}
    assert without == {"healthy"}
    assert lesson_of_fault("no-such-fault") is None


def test_a_verdict_finds_its_lesson_without_the_engine() -> None:
    code = (
        "import sys; from chainrule.learning.course.course import lesson_of_fault; "
        "lesson_of_fault('plateau'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "chainrule.learning.course.front_matter" in loaded
    assert not loaded & {"chainrule.calculus", "markdown_it", "numpy", "torch"}
