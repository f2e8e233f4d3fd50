"""Watching changes nothing: the same output, exit code and final state, to the last bit.

Each script ends by printing a fingerprint (SHA-256) of its weights, buffers, optimizer state and
random number generators, and prints its losses in full precision, so equal stdout is equal state.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.store import open_run, run_paths

SCRIPTS = Path(__file__).parents[1] / "scripts/architectures"
NAMES = sorted(p.stem for p in SCRIPTS.glob("*.py") if p.stem != "fingerprint")


def run(arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    environment.pop("CHAINRULE_STRICT", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=SCRIPTS,
        env=environment,
        capture_output=True,
        timeout=280,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", NAMES)
def test_bit_identical(name: str, tmp_path: Path) -> None:
    script = f"{name}.py"
    bare = run([script])
    for sampling in ([], ["--every", "all"]):
        folder = tmp_path / "-".join(["runs", *sampling])
        watch = ["-m", "chainrule", "run", "--quiet", "--folder", str(folder), *sampling]
        seen = run([*watch, script])
        assert seen.stdout == bare.stdout
        assert seen.returncode == bare.returncode
        assert without_addresses(seen.stderr) == without_addresses(bare.stderr)
        (path,) = run_paths(folder)
        with open_run(path) as reader:
            header = reader.run()
            assert header.status == ("failed" if bare.returncode else "finished")
            assert header.backward_passes > 0
            assert [e.text for e in reader.events("internal-error")] == []
            if sampling:
                assert header.sampled_steps == header.steps


def without_addresses(text: bytes) -> bytes:
    """Process numbers and addresses differ from run to run by themselves."""
    return re.sub(rb"0x[0-9a-f]+|\bpid[ =]\d+", b"", text)
