"""One fault in the ways in which people write PyTorch: the finding is the same.

A path is cut after the first layer, so that it never learns: `no-gradient`, at the line of the cut.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

DATA = """
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(128, 6)
y = (x[:, 0] * x[:, 1] > 0).long()
"""

LOOP = """
for step in range({steps}):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
"""

MODULE = """
class Net(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.first, self.last = nn.Linear(6, width), nn.Linear(width, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)).detach())  # here
"""

OPTIMIZER = "optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)\n"
TRAINED = MODULE + "\nmodel = Net()\n" + OPTIMIZER + LOOP.format(steps=80)

STYLES = {
    "sequential": """
class Rest(nn.Module):
    def forward(self, x):
        return x.detach()  # here

model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), Rest(), nn.Linear(16, 2))
"""
    + OPTIMIZER
    + LOOP.format(steps=80),
    "module": TRAINED,
    "bare tensors": """
w1 = (torch.randn(6, 16) * 0.4).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16, 2) * 0.25).requires_grad_()
b2 = torch.zeros(2, requires_grad=True)

def model(x):
    h = torch.tanh(x @ w1 + b1)
    h = h.detach()  # here
    return F.linear(h, w2.t(), b2)

optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=1e-2)
"""
    + LOOP.format(steps=80),
    "main": MODULE
    + "\ndef main():\n    model = Net()\n"
    + indent(OPTIMIZER + LOOP.format(steps=80), "    ")
    + "\nif __name__ == '__main__':\n    main()\n",
    "arguments": MODULE
    + """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=80)
parser.add_argument("--lr", type=float, default=1e-2)
args = parser.parse_args()
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
"""
    + LOOP.format(steps="args.steps"),
    "closure": """
def make():
    first, last = nn.Linear(6, 16), nn.Linear(16, 2)

    def model(x):
        return last(torch.tanh(first(x)).detach())  # here

    return model, [*first.parameters(), *last.parameters()]

model, weights = make()
optimizer = torch.optim.Adam(weights, lr=1e-2)

def closure():
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return loss

for step in range(80):
    optimizer.step(closure)
""",
}

CELLS = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in {cells}:
    shell.run_cell(cell, store_history=True).raise_error()
"""

WATCHED = """
import chainrule

with chainrule.watch() as run:
{loop}
print([(f.fault, f.severity, f.where.operation, f.where.source) for f in run.findings()])
"""


def shell(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "IPYTHONDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def line_of(text: str) -> int:
    return 1 + next(i for i, line in enumerate(text.splitlines()) if line.endswith("# here"))


@pytest.mark.parametrize("style", STYLES)
def test_the_finding_is_the_same(style: str, tmp_path: Path) -> None:
    text = DATA + STYLES[style]
    (tmp_path / "train.py").write_text(text)
    options = ("--quiet", "--no-status", "--json", "v.json")
    shell(tmp_path, "-m", "chainrule", "run", *options, "train.py")
    (finding,) = json.loads((tmp_path / "v.json").read_text())["findings"]
    where = finding["where"]
    assert (finding["fault"], finding["severity"]) == ("no-gradient", "error")
    assert (where["operation"], where["source"]) == ("detach", f"train.py:{line_of(text)}")
    assert finding["evidence"]["unreached_parameters"]["value"] == 2


def test_a_notebooks_cells_are_no_exception(tmp_path: Path) -> None:
    definitions = (DATA + MODULE).strip()  # as IPython counts lines: from the first not empty
    loop = indent(dedent(LOOP.format(steps=80)), "    ")
    cells = [definitions, "model = Net()\n" + OPTIMIZER, WATCHED.format(loop=loop)]
    (tmp_path / "cells.py").write_text(CELLS.format(cells=cells))
    printed = shell(tmp_path, "cells.py").strip().splitlines()[-1]
    ((fault, severity, operation, source),) = ast.literal_eval(printed)
    assert (fault, severity, operation) == ("no-gradient", "error", "detach")
    assert source.endswith(f":{line_of(definitions)}")
