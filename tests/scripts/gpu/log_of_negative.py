"""A loss that takes the logarithm of a negative number at step 150, on a device.

With the argument `reads` the loss is read before the backward pass, as by a script that adds it up.
"""

import os
import sys

import torch
from torch import nn

device = os.environ.get("SCRIPT_DEVICE", "cuda")
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1)).to(device)
optimizer = torch.optim.SGD(model.parameters(), 0.01)
x, y = torch.randn(64, 8, device=device), torch.rand(64, 1, device=device)
for step in range(300):
    optimizer.zero_grad()
    shift = 3.0 if step < 150 else -3.0
    loss = (torch.log(model(x).tanh() + shift) - y).pow(2).mean()
    if "reads" in sys.argv:
        loss.item()
    loss.backward()
    optimizer.step()
print("trained")
