"""`chainrule run --view`: a page beside a real training, which it does not change."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from recording import record
from served import CHAINRULE, HERE, Served, wait_until

SCRIPT = """
import os, sys, time
import torch

torch.manual_seed(0)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(60):
    optimizer.zero_grad()
    loss = model(torch.ones(8, 4)).square().mean()
    loss.backward()
    optimizer.step()
    while step == 30 and not os.path.exists(sys.argv[1]):
        time.sleep(0.02)
print(loss.item().hex(), [p.tolist() for p in model.parameters()])
print("and this", file=sys.stderr)
sys.exit(3)
"""
NO_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in NO_SCREEN}


def url_in(text: str) -> str:
    match = re.search(r"chainrule: the run is shown at (http://\S+) \(until 10 minutes after", text)
    assert match, text
    return match[1]


def test_a_page_beside_a_training(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    bare = subprocess.run(
        [sys.executable, "train.py", "train.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    training = subprocess.Popen(
        [*CHAINRULE, "run", "--view", "--quiet", "--name", "net", "train.py", "go on"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert training.stderr is not None
    told = training.stderr.readline()
    pid = int(told.partition("kill ")[2].rstrip(")\n"))
    try:
        served = Served(training, url_in(told))
        assert served.route == "/run/net"
        assert training.poll() is None
        stream = served.listen("/api/events?run=net")
        assert stream.next("changed")[1]["status"] == "running"
        (tmp_path / "go on").touch()
        # Whoever reads the training's output waits for the training alone.
        stdout, stderr = training.communicate(timeout=60)
        assert (training.returncode, stdout) == (bare.returncode, bare.stdout) == (3, bare.stdout)
        assert stderr == bare.stderr == "and this\n"
        assert stream.until("changed", status="finished")["steps"] == 60
        assert served.ask("runs")["runs"][0]["run"]["steps"] == 60
        stream.close()
        assert os.getpgid(pid) != os.getpgid(0)
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not Path(f"/proc/{pid}/fd/1").exists())


def test_the_page_ends_some_time_after_the_last_browser_has_left(tmp_path: Path) -> None:
    writer = record(tmp_path)
    process = subprocess.Popen(
        [sys.executable, str(HERE / "live_for_a_second.py"), "live", writer_path(tmp_path)],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as said:
        url = re.findall(r"http://\S+", said.read())[0]  # it lets go of stderr, or this would hang
    served = Served(process, url)
    time.sleep(2.5)
    assert process.poll() is None  # nobody looks, but the run goes on
    stream = served.listen("/api/events?run=digits")
    assert stream.next("changed")[1]["status"] == "running"
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    stream.until("changed", status="finished")
    time.sleep(2.5)
    assert process.poll() is None  # the run has ended, but somebody looks
    stream.close()
    assert process.wait(20) == 0


def writer_path(folder: Path) -> str:
    return str(folder / "chainrule-runs" / "digits.db")
