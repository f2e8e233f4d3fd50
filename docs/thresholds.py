"""Make the page of thresholds: `python docs/thresholds.py` writes docs/thresholds.md.

Each threshold stands in the source with its reason; here both are only collected.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chainrule
from chainrule.diagnosis.faults import FAULTS

PAGE = Path(__file__).with_suffix(".md")
DIAGNOSIS = Path(chainrule.__file__).parent / "diagnosis"

OF_WORDING = frozenset({"wording.py", "drawing.py"})
"""How numbers are written, which factors a drawing shows: no rules."""

_HEAD = """# The thresholds, and why they are that size

Every number that a rule compares with has a name, and its reason beside it in the source: what it
means for the run, a paper, or the arithmetic that it follows from. A test refuses one without.
`chainrule explain FAULT` tells how they work together; [faults.md](faults.md) lists the faults, and
[verdicts.md](verdicts.md) what the rules are worth.

`python docs/thresholds.py` made this page from the source of `diagnosis/`: {count} thresholds.
"""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number with a name.

    Attributes:
        name: Of the constant.
        value: As it is written.
        reason: Why it is that size; empty if nothing is said.
    """

    name: str
    value: str
    reason: str


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


def thresholds(path: Path) -> Iterator[Threshold]:
    """The constants of a file, with the comment behind and the docstring below each."""
    text = path.read_text("utf-8")
    body, lines = ast.parse(text).body, text.splitlines()
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.Assign) or number(statement.value) is None:
            continue
        reasons = [lines[statement.lineno - 1].partition("#")[2]]
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            reasons.append(str(following.value.value))
        yield Threshold(
            ast.unparse(statement.targets[0]),
            ast.get_source_segment(text, statement.value) or "",
            " ".join(" ".join(reasons).split()),
        )


def page() -> str:
    """The page, in Markdown."""
    of_faults = {
        DIAGNOSIS / "faults" / f"{fault.NAME.replace('-', '_')}.py": f"## `{fault.NAME}`"
        for fault in FAULTS
    }
    shared = {
        path: f"## In `diagnosis/{path.relative_to(DIAGNOSIS).as_posix()}`"
        for path in sorted(DIAGNOSIS.rglob("*.py"))
        if path not in of_faults and path.name not in OF_WORDING
    }
    sections, count = [], 0
    for path, heading in (of_faults | shared).items():
        rows = [_row(each) for each in thresholds(path)]
        if rows:
            count += len(rows)
            head = ["| threshold | value | why |", "|---|---|---|"]
            sections.append("\n".join(["", heading, "", *head, *rows]))
    return "\n".join([_HEAD.format(count=count).rstrip(), *sections]) + "\n"


def _row(each: Threshold) -> str:
    name = each.name.strip("_").lower().replace("_", " ")
    reason = (each.reason[:1].upper() + each.reason[1:]).replace("|", "\\|")
    return f"| {name} | {each.value} | {reason} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
