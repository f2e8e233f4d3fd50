"""Wines: three growers told apart by thirteen measurements, each in its own unit."""

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(0)

x, y = load_wine(return_X_y=True)
x = torch.tensor(x, dtype=torch.float32)
x = x - x.mean(0)
y = torch.tensor(y)

model = nn.Sequential(nn.Linear(13, 32), nn.Tanh(), nn.Linear(32, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for epoch in range(60):
    for rows in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"accuracy {accuracy:.1%}")
