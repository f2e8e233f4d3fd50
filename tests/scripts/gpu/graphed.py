"""Warm-up steps, then a CUDA graph that is played back, then plain steps again.

The first argument says what is recorded: the whole `step`, or the `passes` and not the optimizer.
"""

import hashlib
import sys

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(16, 64), nn.Tanh(), nn.Linear(64, 4)).cuda()
optimizer = torch.optim.SGD(model.parameters(), 0.05)
x, y = torch.randn(64, 16, device="cuda"), torch.randint(0, 4, (64,), device="cuda")


def passes():
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    return loss


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = passes()
    optimizer.step()
    return loss


side = torch.cuda.Stream()
side.wait_stream(torch.cuda.current_stream())
with torch.cuda.stream(side):
    for _ in range(4):
        step()
torch.cuda.current_stream().wait_stream(side)

whole = sys.argv[1] == "step"
optimizer.zero_grad(set_to_none=True)
graph = torch.cuda.CUDAGraph()
with torch.cuda.graph(graph):
    loss = step() if whole else passes()
for i in range(20):
    x.copy_(torch.randn(64, 16))
    graph.replay()
    if not whole:
        optimizer.step()
    if i % 5 == 0:
        print(i, repr(loss.item()))
for _ in range(5):
    print(repr(step().item()))
weights = torch.cat([p.detach().cpu().reshape(-1) for p in model.parameters()])
print(hashlib.sha256(weights.numpy().tobytes()).hexdigest())
