"""A hopeless training is told of while it goes on, and ended where that was asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from test_check_command import UNREACHED
from torch import nn

import chainrule
from chainrule.faces.announcer import Announcer

SWALLOWS = UNREACHED.replace("        optimizer.step()\n", "        advance()\n").replace(
    "try:\n",
    "def advance():\n    try:\n        optimizer.step()\n    except BaseException as error:\n"
    "        print('swallowed', type(error).__name__)\ntry:\n",
    1,
)


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        (UNREACHED, ["finally", "at exit"]),
        (SWALLOWS, ["swallowed SystemExit", "swallowed SystemExit"]),
    ],
)
def test_stop_on_error_ends_the_training(script: str, printed: list[str], tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "run", "--stop-on", "error", "train.py"],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.split("\n") == [*printed, ""]
    first = done.stderr.splitlines()[0]
    assert first.startswith("chainrule: error at step ")
    assert "no-gradient since step 0 in extra" in first
    told = " ".join(done.stderr.split())
    assert "--stop-on error, for no-gradient since step 0" in told
    assert told.count("no gradient ever reaches extra") == 2  # then, and in the verdict


def test_an_error_is_told_once_and_marked(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model, extra = nn.Linear(4, 3), nn.Linear(4, 3)
    optimizer = torch.optim.SGD([*model.parameters(), *extra.parameters()], lr=0.1)
    said: list[str] = []
    mark = tmp_path / "mark"
    with chainrule.watch(folder=tmp_path) as run:
        for i in range(4):
            for _ in range(20):
                optimizer.zero_grad()
                model(torch.randn(16, 4)).pow(2).mean().backward()
                optimizer.step()
            assert [f.fault for f in run.findings()] == ["no-gradient"]
            if i == 0:
                announcer = Announcer(run.path, said.append, "error", mark)
            announcer.look(now=1e18)  # as if the time had come
            assert mark.exists() == (i > 0)
    (line,) = said
    assert line.startswith("error at step 40: no-gradient since step 0 in extra: no gradient ever")
    assert mark.read_text() == "no-gradient since step 0"
