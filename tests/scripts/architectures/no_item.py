"""A loop that never asks for the loss's value; everything is printed at the end."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(64, 10), torch.randn(64, 1)
losses = []
for _ in range(12):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.detach())
print(torch.stack(losses).tolist())
fingerprint(model, optimizer)
