"""A custom Function raises in its backward at step 3; nobody catches it."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


class Fragile(torch.autograd.Function):
    calls = 0

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        Fragile.calls += 1
        if Fragile.calls > 3:
            raise ValueError("the user's own error in backward")
        return gradient


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(16, 6), torch.randn(16, 1)
for step in range(8):
    optimizer.zero_grad()
    loss = (Fragile.apply(model(x)) - y).pow(2).mean()
    print(step, repr(loss.item()))
    loss.backward()
    optimizer.step()
    fingerprint(model, optimizer)
