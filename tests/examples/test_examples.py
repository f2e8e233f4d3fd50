"""Each example, run as a user would, gets the verdict that `expected.toml` promises."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
EXPECTED = tomllib.loads((ROOT / "examples/expected.toml").read_text())
SCHEMA = json.loads((ROOT / "docs/verdict.schema.json").read_text())


README = (ROOT / "README.md").read_text("utf-8")
FIGURE = re.compile(r"\d\.\d|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]")  # differs in its last digits from machine to machine


def script_of(name: str) -> str:
    return name if name.endswith(".py") else f"{name}.py"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_verdict(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    written = tmp_path / "verdict.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chainrule", "run", "--no-status", "--json", str(written)),
            *("--folder", str(tmp_path / "runs"), str(ROOT / "examples" / script_of(name))),
        ],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    document = json.loads(written.read_text())
    jsonschema.validate(document, SCHEMA)
    first, *others = document["findings"]
    assert first["fault"] == expected["fault"]
    assert first["severity"] == expected["severity"]
    assert expected.get("module", "") in first["where"]["module"]
    assert expected.get("operation", "") in first["where"]["operation"]
    assert [finding["fault"] for finding in others] == expected.get("also", [])
    if "leads_to" in expected:
        assert expected["leads_to"] in [link["fault"] for link in first["links"]]
    assert first["fault"] in done.stderr  # the verdict is on the screen
    if expected["fault"] == "healthy":
        assert "chainrule" not in done.stdout
    if f"This is `examples/{script_of(name)}`" in README:
        printed = (done.stdout + done.stderr).splitlines()
        shown = README.partition("```\n[…]\n")[2].partition("```")[0].splitlines()
        told = [line for line in shown if "[…]" not in line and not FIGURE.search(line)]
        assert len(told) > 10
        assert [line for line in told if line not in printed] == []
