"""A sine curve, learned from 200 points."""

import torch
from torch import nn

torch.manual_seed(0)

x = torch.linspace(-2, 2, 200).unsqueeze(1)
y = torch.sin(3 * x)

model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(300):
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.3g}")
