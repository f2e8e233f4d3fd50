"""`python -m benchmarks.exactness [--output FILE]`: how exact the product of the factors is.

On each script of `tests/scripts/architectures`, in a process of its own, every path from the loss
to every parameter: the product of its gains and merges beside the norm of the parameter's gradient.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.page import PAGE, machine, put_section

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "tests" / "scripts" / "architectures"
ORACLE = ROOT / "tests" / "oracles" / "exactness.py"
BAR = 1e-4
NO_OPTIMIZER = {"fingerprint", "manual_update"}
"""A module that the scripts share, and a loop whose gradients nobody reads."""


def measured(script: Path) -> dict[str, object]:
    """What the oracle says of a script."""
    done = subprocess.run(
        [sys.executable, str(ORACLE), script.name],
        cwd=script.parent,
        env={**os.environ, "CHAINRULE_STRICT": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure all scripts and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    rows, worst = [], 0.0
    for script in sorted(SCRIPTS.glob("*.py")):
        if script.stem in NO_OPTIMIZER:
            continue
        found = measured(script)
        error = float(str(found["error"]))
        worst = max(worst, error)
        print(script.stem, found["paths"], error, flush=True)
        rows.append(f"| {script.stem.replace('_', ' ')} | {found['paths']} | {error:.1e} |")
    lines = [
        machine(),
        "",
        "Along every path from the loss to a parameter the product of the factors and merges is "
        "the norm of that parameter's gradient. The largest relative error, in float32 where the "
        f"script does not choose another type. Bar: below {BAR:g}; largest here {worst:.1e}.",
        "",
        "| script | paths | largest error |",
        "|---|---|---|",
        *rows,
    ]
    put_section("Exactness", lines, options.output)


if __name__ == "__main__":
    main()
