"""The verdict on a script that runs under `chainrule run`, as a user would run it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any


def findings_of(script: str, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The findings of the JSON verdict, the first one first.

    Args:
        script: Its text; it becomes train.py.
        folder: Where it and its run file go.
        arguments: Of the script.
    """
    (folder / "train.py").write_text(dedent(script))
    command = (sys.executable, "-m", "chainrule", "run", "--no-status", "--json", "verdict.json")
    done = subprocess.run(
        [*command, "--folder", "runs", "train.py", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    findings: list[dict[str, Any]] = json.loads((folder / "verdict.json").read_text())["findings"]
    return findings
