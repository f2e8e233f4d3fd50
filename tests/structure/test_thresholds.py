"""Every number that a rule compares with has a name, and beside it the reason for its size."""

import ast
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from checkout import DOCS, SOURCE

DIAGNOSIS = SOURCE / "diagnosis"
FILES = sorted(DIAGNOSIS.rglob("*.py"))

FEWEST_WORDS = 4
"""Of a reason: `# most of the layer` is one, and a unit alone is none."""

PLAIN = frozenset({0, 1, 2, -1})
"""Counts, signs and halves of ranges: what they are compared for is said by the comparison."""


@cache
def collector() -> ModuleType:
    """`docs/thresholds.py`, which makes the page."""
    found = importlib.util.spec_from_file_location("thresholds", DOCS / "thresholds.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # its dataclass looks itself up
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DIAGNOSIS)))
def test_a_threshold_has_its_reason_beside_it(path: Path) -> None:
    found = collector().thresholds(path)
    without = [each.name for each in found if len(each.reason.split()) < FEWEST_WORDS]
    assert without == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DIAGNOSIS)))
def test_no_rule_compares_with_a_number_that_has_no_name(path: Path) -> None:
    if path.name in collector().OF_WORDING:
        return
    compared = [
        n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Compare)
    ]
    nameless = [
        ast.unparse(comparison)
        for comparison in compared
        if not any(isinstance(o, (ast.Eq, ast.NotEq)) for o in comparison.ops)  # a shape
        for side in (comparison.left, *comparison.comparators)
        if (value := collector().number(side)) is not None and value not in PLAIN
    ]
    assert nameless == []


def test_the_page_of_thresholds_is_that_of_the_program() -> None:
    current = (DOCS / "thresholds.md").read_text("utf-8")
    assert current == collector().page(), "run `python docs/thresholds.py`"
