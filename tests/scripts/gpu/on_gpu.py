"""Runs a script of the folder `architectures` with all its tensors on the GPU: `on_gpu.py mlp.py`.

The script itself is as it is; what it makes, it makes on the default device. Ends with a line about
the GPU's own random numbers.
"""

import hashlib
import os
import runpy
import sys
from pathlib import Path

os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # else its matrix products differ from run to run

import torch

folder = Path(__file__).resolve().parents[1] / "architectures"
device = os.environ.get("SCRIPT_DEVICE", "cuda")
torch.set_default_device(device)
torch.use_deterministic_algorithms(True, warn_only=True)
torch.utils.deterministic.fill_uninitialized_memory = False
sys.path.insert(0, str(folder))
name = sys.argv[1]
sys.argv = sys.argv[1:]
try:
    runpy.run_path(str(folder / name), run_name="__main__")
finally:
    if device == "cuda":
        print("cuda", hashlib.sha256(torch.cuda.get_rng_state().cpu().numpy().tobytes()).hexdigest())
