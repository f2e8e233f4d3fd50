"""The user's own saved-tensor hooks, counted and printed, and save_on_cpu."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

counts = {"pack": 0, "unpack": 0}


def pack(tensor):
    counts["pack"] += 1
    return tensor.shape, tensor.detach().clone()


def unpack(packed):
    counts["unpack"] += 1
    return packed[1]


seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(32, 8), torch.randn(32, 1)
for step in range(8):
    optimizer.zero_grad()
    if step % 2:
        with torch.autograd.graph.save_on_cpu():
            loss = (model(x) - y).pow(2).mean()
    else:
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), counts)
fingerprint(model, optimizer)
