"""Along every path from the loss to a parameter, Π γ μ is the parameter's gradient norm."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "tests/scripts/architectures").glob("*.py"))
ORACLE = ROOT / "tests/oracles/exactness.py"

TOLERANCE = 1e-4  # relative, float32
NOT_MEASURED = {
    "fingerprint": "not a script",
    "manual_update": "no torch.optim optimizer: its tensors have no number to compare by",
}
SAYS_NOTHING_OF_SOURCES = {"anomaly"}  # the script uses autograd's own anomaly mode


def measure(script: Path) -> dict[str, object]:
    """Run the oracle on a script."""
    done = subprocess.run(
        [sys.executable, str(ORACLE), script.name],
        cwd=script.parent,
        env={**os.environ, "CHAINRULE_STRICT": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "script", [s for s in SCRIPTS if s.stem not in NOT_MEASURED], ids=lambda s: s.stem
)
def test_products_equal_gradient_norms(script: Path) -> None:
    result = measure(script)
    assert result["paths"] > 0
    assert result["error"] < TOLERANCE
    assert result["missing"] == []
    assert result["errors"] == []
    if script.stem not in SAYS_NOTHING_OF_SOURCES:
        assert result["unlabelled"] == []
