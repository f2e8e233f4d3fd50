"""Short trainings, recorded as a user would: `chainrule run SCRIPT`."""

import os
import subprocess
import sys
from pathlib import Path

SIGMOID = """
import torch
from torch import nn

torch.manual_seed(0)
layers = [part for _ in range(7) for part in (nn.Linear(8, 8), nn.Sigmoid())]
model = nn.Sequential(*layers, nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(60):
    x = torch.randn(32, 8)
    y = (x[:, 0] > 0).long()
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

RESIDUAL = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)
        self.outer = nn.Linear(8, 8)

    def forward(self, x):
        return x + self.outer(torch.relu(self.inner(x)))

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 8), Block(), Block(), nn.Linear(8, 3))
model[0].bias.requires_grad_(False)
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=0.01)
for step in range(80):
    x = torch.randn(32, 8)
    y = (x[:, 0] > 0).long()
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

TWICE = """
import torch
from torch import nn

class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)
        self.outer = nn.Linear(8, 3)

    def forward(self, x):
        return self.outer(torch.tanh(self.inner(torch.tanh(self.inner(x)))))

torch.manual_seed(0)
model = Twice()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(12):
    x = torch.randn(32, 8)
    loss = nn.functional.cross_entropy(model(x), (x[:, 0] > 0).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

SCRIPTS = {"sigmoid": SIGMOID, "residual": RESIDUAL, "twice": TWICE}


def record(folder: Path) -> Path:
    """Run the scripts, every fourth step sampled; the folder with their runs, named as they are."""
    for name, script in SCRIPTS.items():
        (folder / f"{name}.py").write_text(script, "utf-8")
        command = [sys.executable, "-m", "chainrule", "run", "--name", name, "--every", "4"]
        subprocess.run(
            [*command, f"{name}.py"],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=True,
            capture_output=True,
            timeout=240,
        )
    return folder / "chainrule-runs"
