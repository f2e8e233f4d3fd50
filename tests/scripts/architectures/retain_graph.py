"""Backward twice through one graph: whole, then again for a second loss that shares the body."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
body = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 16), nn.Sigmoid())
one, two = nn.Linear(16, 1), nn.Linear(16, 1)
optimizer = torch.optim.SGD([*body.parameters(), *one.parameters(), *two.parameters()], lr=0.1)
x, y = torch.randn(32, 6), torch.randn(32, 1)
for step in range(8):
    optimizer.zero_grad()
    features = body(x)
    first = (one(features) - y).pow(2).mean()
    second = (two(features) + y).abs().mean()
    first.backward(retain_graph=True)
    first.backward(torch.tensor(0.25), retain_graph=True)
    second.backward()
    optimizer.step()
    print(step, repr(first.item()), repr(second.item()))
fingerprint(body, one, two, optimizer)
