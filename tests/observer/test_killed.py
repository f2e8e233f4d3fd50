"""`kill -9` at any moment leaves a run file that opens and tells what happened."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import chainrule
from chainrule.store import open_run, run_paths

SCRIPT = """
import torch
net = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.01)
while True:
    optimizer.zero_grad()
    net(torch.randn(16, 8)).pow(2).mean().backward()
    optimizer.step()
"""


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_a_random_moment(seed: int, tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, "-m", "chainrule", "run", "--quiet", "endless.py"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        folder = tmp_path / "chainrule-runs"
        deadline = time.monotonic() + 60
        while not run_paths(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(random.Random(seed).uniform(0.0, 1.5))
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    (path,) = run_paths(folder)
    with open_run(path) as reader:
        header = reader.run()
        assert header.status == "lost"
        losses = reader.series("loss")
        # only whole flushes: what is there is consistent, and it is a beginning of the run
        assert losses.steps == tuple(range(len(losses.steps)))
        assert len(losses.steps) <= header.steps or not losses.steps
        for sample in reader.samples():
            assert sample.step < header.steps
    assert chainrule.diagnose(path)[0].fault in ("healthy", "cannot-tell")
