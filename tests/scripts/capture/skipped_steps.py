"""Batches without an update, gradients zeroed and not set to None, and two backward passes kept."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for step in range(12):
    x, y = torch.randn(20, 6), torch.randn(20, 1)
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad(set_to_none=step % 4 < 2)
    loss.backward()
    if step % 2:
        (0.1 * model(x).pow(2).mean()).backward()
        optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
