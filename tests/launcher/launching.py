"""Running a script bare and watched, for the tests of this folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "scripts" / "launcher"
DRIVE = str(HERE / "drive.py")
VERDICT = json.dumps([sys.executable, "-I", "-S", str(HERE / "verdict_stub.py")])
SILENT = json.dumps([shutil.which("false")])
"""A verdict that prints nothing: everything runs, and nothing may show."""


@dataclass(frozen=True)
class Outcome:
    """What a process that ran a script has to show for it."""

    returncode: int
    stdout: str
    stderr: str


def environment(more: Mapping[str, str] = {}) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "PATH", "TMPDIR")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] = {},
    cwd: Path = SCRIPTS,
    stdin: str = "",
    timeout: float = 60,
) -> Outcome:
    done = subprocess.run(
        [sys.executable, *command],
        input=stdin,
        env=environment(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    return Outcome(
        done.returncode, _without_addresses(done.stdout), _without_addresses(done.stderr)
    )


def _without_addresses(text: str) -> str:
    """Where objects lie in memory differs from one Python to the next."""
    return re.sub(r"\b0x[0-9a-f]{6,}", "0x…", text)


def driven(target: Sequence[str], flags: Sequence[str] = (), **settings: str) -> list[str]:
    """The arguments of Python that start a target watched."""
    settings.setdefault("observer", "stub_observer")
    settings.setdefault("verdict_command", VERDICT)
    return [*flags, DRIVE, json.dumps(settings), *target]
