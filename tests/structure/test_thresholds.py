"""Every number that a rule compares with has a name, and beside it the reason for its size."""

import ast
from pathlib import Path

import pytest

import chainrule

DIAGNOSIS = Path(chainrule.__file__).parent / "diagnosis"
FILES = sorted(DIAGNOSIS.rglob("*.py"))

FEWEST_WORDS = 4
"""Of a reason: `# most of the layer` is one, and a unit alone is none."""

PLAIN = frozenset({0, 1, 2, -1})
"""Counts, signs and halves of ranges: what they are compared for is said by the comparison."""

OF_WORDING = frozenset({"wording.py", "drawing.py"})
"""How numbers are written, which factors a drawing shows: no rules."""


def number(node: ast.expr | None) -> float | None:
    """A literal number, also as a quotient of two; else None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found = number(node.operand)
        return None if found is None else -found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return number(node.left)
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DIAGNOSIS)))
def test_a_threshold_has_its_reason_beside_it(path: Path) -> None:
    text = path.read_text("utf-8")
    body, lines = ast.parse(text).body, text.splitlines()
    without = []
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.Assign) or number(statement.value) is None:
            continue
        reason = lines[statement.lineno - 1].partition("#")[2]
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            reason += str(following.value.value)
        if len(reason.split()) < FEWEST_WORDS:
            without.append(ast.unparse(statement))
    assert without == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DIAGNOSIS)))
def test_no_rule_compares_with_a_number_that_has_no_name(path: Path) -> None:
    if path.name in OF_WORDING:
        return
    compared = [
        n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Compare)
    ]
    nameless = [
        ast.unparse(comparison)
        for comparison in compared
        if not any(isinstance(o, (ast.Eq, ast.NotEq)) for o in comparison.ops)  # a shape
        for side in (comparison.left, *comparison.comparators)
        if (value := number(side)) is not None and value not in PLAIN
    ]
    assert nameless == []
