"""Of several threads that train at once one is followed, and no gradient of another is read."""

import subprocess
import sys
import threading

from chainrule.observer.followed_thread import FollowedThread

TRAINING = """
import sys, threading, torch, chainrule
from torch import nn


def train():
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    for _ in range(40):
        loss = net(torch.randn(32, 4)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


for number in range(12):
    with chainrule.watch(folder=sys.argv[1], name=str(number), every="all"):
        threads = [threading.Thread(target=train) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
"""


def test_threads_that_begin_at_once_do_not_end_the_process(tmp_path: object) -> None:
    # before the first step was claimed by one thread, two of three such processes crashed
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", TRAINING, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr[-2000:]


def test_the_first_that_steps_is_followed_while_it_lives() -> None:
    followed = FollowedThread()
    heard: dict[str, bool] = {}
    stepped, over = threading.Event(), threading.Event()

    def first() -> None:
        heard["a pass"] = followed.becomes_present()
        heard["a step"] = followed.becomes_present(steps=True)
        stepped.set()
        over.wait(10)

    thread = threading.Thread(target=first)
    assert followed.becomes_present()  # a pass alone is no claim
    thread.start()
    assert stepped.wait(10)
    assert heard == {"a pass": True, "a step": True}
    assert not followed.is_present()
    assert not followed.becomes_present(steps=True)
    over.set()
    thread.join()
    assert followed.becomes_present(steps=True)  # the other one is gone
    assert followed.is_present()
