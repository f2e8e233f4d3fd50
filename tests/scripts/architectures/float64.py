"""Double precision throughout, set as the default dtype."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
torch.set_default_dtype(torch.float64)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
x = torch.randn(40, 4)
y = x.prod(1, keepdim=True)
for step in range(10):
    optimizer.zero_grad()
    loss = (model(x) - y).square().mean()
    loss.backward()
    optimizer.step()
    print(step, loss.dtype, repr(loss.item()))
fingerprint(model, optimizer)
