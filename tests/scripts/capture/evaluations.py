"""Thousands of operations of an evaluation lie between two steps."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(20, 6), torch.randint(0, 3, (20,))
for step in range(5):
    model.train()
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.eval()
    right = torch.zeros(())
    with torch.no_grad():
        for _ in range(200 if step % 2 else 2000):
            right += (model(torch.randn(4, 6)).argmax(1) == 0).float().mean()
    print(step, repr(loss.item()), repr(right.item()))
fingerprint(model, optimizer)
