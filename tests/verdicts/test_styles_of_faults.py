"""Several faults, each in all the ways in which people write PyTorch: one finding, the same.

A style is a whole script with places for a mistake; a fault fills one of them in and leaves the
others as they should be. Beside them each style is trained without a mistake.
"""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import pytest

import chainrule
from chainrule.records import Finding


@dataclass(frozen=True)
class Mistake:
    """What stands in the places of a style; the defaults are right."""

    scores: str = "scores"
    begin: str = "pass"
    sign: str = ""
    clear: str = "optimizer.zero_grad()"
    severity: str = "error"


MISTAKES = {
    "loss-misuse": Mistake(scores="torch.softmax(scores, 1)", severity="warning"),
    "gradients-accumulate": Mistake(clear="pass", severity="warning"),  # it learns all the same
    "gradient-ascent": Mistake(sign="-"),
    "symmetric-initialization": Mistake(begin="w.data.fill_(0.1)"),
    "healthy": Mistake(severity="note"),
}

DATA = """
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
y = torch.randint(0, 3, (192,))
x = torch.randn(192, 6) + 2 * F.one_hot(y, 6)
"""

BEGIN = """
for w in weights:
    @begin
optimizer = torch.optim.SGD(weights, lr=0.3)
"""

LOOP = """
for step in range(80):
    @clear
    loss = @signF.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
"""

MODULE = """
class Net(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.first, self.last = nn.Linear(6, width), nn.Linear(width, 3)

    def forward(self, x):
        scores = self.last(torch.tanh(self.first(x)))
        return @scores
"""

OF_MODULE = "\nmodel = Net()\nweights = list(model.parameters())\n"

STYLES = {
    "sequential": """
class Scores(nn.Module):
    def forward(self, scores):
        return @scores

model = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3), Scores())
weights = list(model.parameters())
"""
    + BEGIN
    + LOOP,
    "module": MODULE + OF_MODULE + BEGIN + LOOP,
    "functional": """
layers = nn.ParameterDict({
    "w1": torch.empty(12, 6), "b1": torch.zeros(12), "w2": torch.empty(3, 12), "b2": torch.zeros(3),
})
for name in ("w1", "w2"):
    nn.init.xavier_uniform_(layers[name])

def model(x):
    hidden = F.tanh(F.linear(x, layers["w1"], layers["b1"]))
    scores = F.linear(hidden, layers["w2"], layers["b2"])
    return @scores

weights = list(layers.values())
"""
    + BEGIN
    + LOOP,
    "bare tensors": """
w1 = (torch.randn(6, 12) * 0.4).requires_grad_()
b1 = torch.zeros(12, requires_grad=True)
w2 = (torch.randn(12, 3) * 0.3).requires_grad_()
b2 = torch.zeros(3, requires_grad=True)

def model(x):
    scores = torch.tanh(x @ w1 + b1) @ w2 + b2
    return @scores

weights = [w1, b1, w2, b2]
"""
    + BEGIN
    + LOOP,
    "main": MODULE
    + "\ndef main():\n"
    + indent(OF_MODULE + BEGIN + LOOP, "    ")
    + "\nif __name__ == '__main__':\n    main()\n",
    "arguments": MODULE
    + """
import argparse

def train(args):
    model = Net(args.width)
    weights = list(model.parameters())
    for w in weights:
        @begin
    optimizer = torch.optim.SGD(weights, lr=args.lr)
    for epoch in range(args.epochs):
        @clear
        loss = @signF.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=8)
parser.add_argument("--epochs", type=int, default=80)
parser.add_argument("--lr", type=float, default=1e-9)
train(parser.parse_args())
""",
    "closure": """
def make(width):
    first, last = nn.Linear(6, width), nn.Linear(width, 3)

    def model(x):
        scores = last(torch.tanh(first(x)))
        return @scores

    return model, [*first.parameters(), *last.parameters()]

model, weights = make(12)
"""
    + BEGIN
    + """
def closure():
    @clear
    loss = @signF.cross_entropy(model(x), y)
    loss.backward()
    return loss

for step in range(80):
    optimizer.step(closure)
""",
}
ARGUMENTS = ["--width", "12", "--lr", "0.3"]


def text(style: str, fault: str) -> str:
    """The script of a style with a mistake in it."""
    script = DATA + style
    for place in ("scores", "begin", "sign", "clear"):
        script = script.replace(f"@{place}", getattr(MISTAKES[fault], place))
    return script


def loud(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(f.fault, f.severity) for f in findings if f.severity != "note" or f.fault == "healthy"]


@pytest.mark.parametrize("fault", MISTAKES)
@pytest.mark.parametrize("style", STYLES)
def test_the_finding_is_the_same(
    style: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "train.py"
    script.write_text(text(STYLES[style], fault))
    monkeypatch.setattr(sys, "argv", ["train.py", *ARGUMENTS])
    with chainrule.watch(folder=tmp_path) as run:
        runpy.run_path(str(script), run_name="__main__")
    assert loud(chainrule.diagnose(run)) == [(fault, MISTAKES[fault].severity)]


CELLS = """
import json
import sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cells in json.load(open("cells.json")):
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()
"""

WATCHED = """
import chainrule

with chainrule.watch() as run:
@loop
found = [[f.fault, f.severity] for f in run.findings()]
print([f for f in found if f[1] != "note" or f[0] == "healthy"])
"""


def test_a_notebooks_cells_are_no_exception(tmp_path: Path) -> None:
    cells = [
        [
            text(MODULE, fault),
            text(OF_MODULE + BEGIN, fault).removeprefix(DATA),
            WATCHED.replace("@loop", indent(text(LOOP, fault).removeprefix(DATA), "    ")),
        ]
        for fault in MISTAKES
    ]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    done = subprocess.run(
        [sys.executable, "-c", CELLS],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    printed = [line for line in done.stdout.splitlines() if line.startswith("[[")]
    assert printed == [str([[fault, m.severity]]) for fault, m in MISTAKES.items()]
