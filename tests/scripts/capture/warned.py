"""PyTorch warns in the loss, from Python and from C++, once each; an operation fails and is caught."""

import traceback

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x, y = torch.randn(20, 6), torch.randn(20)
for step in range(6):
    loss = F.mse_loss(model(x), y)
    if step >= 3:
        loss = loss + torch.view_as_complex(model.weight.view(3, 2)).to(torch.float32).sum()
    try:
        F.cross_entropy(model(x), y) + F.linear(x, y)
    except Exception:
        traceback.print_exc()
        print(traceback.format_exc())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
