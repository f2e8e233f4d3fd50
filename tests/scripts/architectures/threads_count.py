"""What a script can see of its own process: threads, children, signals, flags. It must look as if nobody watched."""

import gc
import multiprocessing
import signal
import sys
import threading

import torch
from fingerprint import fingerprint, seed
from torch import nn


def world():
    return {
        "name": __name__,
        "arguments": sys.argv[1:],
        "threads": threading.active_count(),
        "thread names": [t.name for t in threading.enumerate()],
        "children": len(multiprocessing.active_children()),
        "torch threads": torch.get_num_threads(),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "default dtype": str(torch.get_default_dtype()),
        "trace": sys.gettrace() is None,
        "profile": sys.getprofile() is None,
        "collector": gc.isenabled(),
        "thresholds": gc.get_threshold(),
        "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
        "terminate": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        "recursion": sys.getrecursionlimit(),
        "switch": sys.getswitchinterval(),
    }


seed(0)
print(world())
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(16, 6), torch.randn(16, 1)
for step in range(8):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), threading.active_count())
print(world())
fingerprint(model, optimizer)
