"""The input and the target are overwritten in place after they were used, before backward."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.Tanh(), nn.Linear(10, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y, frozen = torch.empty(12, 5), torch.empty(12, 2), torch.randn(12, 5)
for step in range(6):
    x.copy_(torch.randn(12, 5))
    y.copy_(torch.randn(12, 2))
    loss = F.mse_loss(model(x.clone()), y.clone()) + 0.1 * model(frozen).sin().mean()
    x.zero_()
    y.fill_(7.0)
    optimizer.zero_grad()
    loss.backward()
    frozen += 0
    optimizer.step()
    frozen.mul_(0.9)
    print(step, repr(loss.item()))
fingerprint(model, optimizer, frozen)
