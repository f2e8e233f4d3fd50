"""A script that fails in a captured step says what it says under plain Python, byte for byte."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "scripts/tracebacks"


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_as_under_plain_python(script: Path, tmp_path: Path) -> None:
    watch = ["-m", "chainrule", "run", "--quiet", "--folder", str(tmp_path)]
    bare, watched = (
        subprocess.run(
            [sys.executable, *options, script.name],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for options in ([], watch)
    )
    assert bare.returncode == 1
    assert "Traceback" in bare.stderr
    assert watched.stderr == bare.stderr
    assert (watched.returncode, watched.stdout) == (bare.returncode, bare.stdout)
    assert list(tmp_path.glob("*.db"))
