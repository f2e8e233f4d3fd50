"""`chainrule check` on real scripts, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/verdict.schema.json").read_text())

TRAINING = """\
import atexit
import torch
from torch import nn
torch.manual_seed(0)
atexit.register(lambda: print("at exit"))
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
extra = nn.Linear(4, 8)
optimizer = torch.optim.SGD({held}, lr=0.1)
x = torch.randn(64, 4)
y = x[:, :3].argmax(1)
try:
    for step in range(100_000):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
finally:
    print("finally")
"""
UNREACHED = TRAINING.format(held="[*model.parameters(), *extra.parameters()]")
SOUND = TRAINING.format(held="model.parameters()")


def check(
    folder: Path, script: str, *options: str, arguments: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(script)
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "check", *options, "train.py", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_error_is_status_1_and_stdout_is_the_verdict_alone(tmp_path: Path) -> None:
    done = check(tmp_path, UNREACHED, "--format", "json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [f["fault"] for f in document["findings"]] == ["no-gradient"]
    assert document["run"]["steps"] == document["run"]["sampled_steps"] == 8
    assert document["run"]["status"] == "finished"
    assert done.stderr.split("\n") == ["finally", "at exit", ""]


def test_nothing_wrong_is_status_0(tmp_path: Path) -> None:
    done = check(tmp_path, SOUND, "--steps", "3", "--name", "mine")
    assert done.returncode == 0, done.stderr
    assert "Nothing wrong in the first 3 steps." in done.stdout
    assert (tmp_path / "chainrule-runs" / "mine.db").is_file()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit(7)", "ended with status 7 before its first backward pass"),
        ("import torch; torch.ones(2) + 1", "nothing to check"),
    ],
)
def test_what_does_not_train_is_status_2(script: str, said: str, tmp_path: Path) -> None:
    done = check(tmp_path, script)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr


def test_a_script_that_is_not_there_is_status_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "check", "missing.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "missing.py" in done.stderr
    assert len(done.stderr.splitlines()) == 1
