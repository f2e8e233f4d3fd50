"""`--stop-on error` without a status line: in a second thread, and under torchrun."""

import os
import subprocess
import sys
from pathlib import Path

THREAD = """
import threading, time, torch
from torch import nn
def train():
    torch.manual_seed(0)
    model, extra = nn.Linear(4, 3), nn.Linear(4, 3)
    optimizer = torch.optim.SGD([*model.parameters(), *extra.parameters()], lr=0.1)
    for _ in range(20_000):
        optimizer.zero_grad()
        model(torch.randn(16, 4)).pow(2).mean().backward()
        optimizer.step()
        time.sleep(0.005)
thread = threading.Thread(target=train)
thread.start()
thread.join()
print("went on")
"""

RANKS = """
import time, torch, torch.distributed as dist
from torch import nn
dist.init_process_group("gloo")
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.extra = nn.Linear(4, 3), nn.Linear(4, 3)
    def forward(self, x):
        return self.used(x)
torch.manual_seed(0)
net = nn.parallel.DistributedDataParallel(Net(), find_unused_parameters=True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(20_000):
    optimizer.zero_grad()
    net(torch.randn(16, 4)).pow(2).mean().backward()
    optimizer.step()
    time.sleep(0.005)
print("went on")
"""


def stopped(folder: Path, script: str, *launcher: str) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(script)
    options = ("--stop-on", "error", "--no-status")
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "run", *options, *launcher, "train.py"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_training_in_a_second_thread_is_ended(tmp_path: Path) -> None:
    done = stopped(tmp_path, THREAD)
    assert done.returncode == 3, done.stderr
    assert "went on" not in done.stdout
    told = " ".join(done.stderr.split())
    assert "--stop-on error, for no-gradient since step 0" in told


def test_all_ranks_of_torchrun_end(tmp_path: Path) -> None:
    torchrun = str(Path(sys.executable).with_name("torchrun"))
    done = stopped(tmp_path, RANKS, torchrun, "--nproc-per-node=2", "--master-port=29634")
    assert done.returncode == 1, done.stderr  # torchrun's own for any failure of a worker
    assert "went on" not in done.stdout
    told = " ".join(done.stderr.split())
    assert "--stop-on error, for no-gradient since step 0" in told
    assert "exitcode : 3" in told  # that of rank 0, which it names as the first to fail
