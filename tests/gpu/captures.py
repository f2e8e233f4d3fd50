"""Run a script on the GPU bare and with every step captured and verified; print what was found.

Usage: `python captures.py mlp`. Prints `{"printed", "reasons", "exact"}`: whether both runs printed
the same, why captures did not verify, and whether every gradient was the same to the last bit.
"""

import json
import os
import sys
from pathlib import Path

os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
sys.path.insert(0, str(Path(__file__).parents[1] / "observer"))

import torch
from capturing import SCRIPTS, run_twice

torch.set_default_device(os.environ.get("SCRIPT_DEVICE", "cuda"))
torch.use_deterministic_algorithms(True, warn_only=True)
name = sys.argv[1]
printed, captures = run_twice(SCRIPTS / f"architectures/{name}.py", 2 if name == "gan" else 1)
print(
    json.dumps(
        {
            "printed": printed[0] == printed[1],
            "reasons": sorted({c.reason for c in captures if c.reason}),
            "exact": bool(captures) and all(c.exact_gradient for c in captures),
        }
    )
)
