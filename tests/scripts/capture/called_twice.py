"""A model with dropout called twice in a step, on two views of the batch, and compared with itself."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Dropout(0.5), nn.Linear(12, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
x = torch.randn(20, 6)
for step in range(6):
    one = F.normalize(model(x + 0.1 * torch.randn_like(x)), dim=1)
    two = F.normalize(model(x + 0.1 * torch.randn_like(x)), dim=1)
    loss = F.cross_entropy(one @ two.t() / 0.5, torch.arange(20)) + (one - two.detach()).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), repr(torch.rand(()).item()))
fingerprint(model, optimizer)
