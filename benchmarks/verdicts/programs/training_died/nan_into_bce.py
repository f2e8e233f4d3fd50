"""A sigmoid written out as e^z / (1 + e^z): for large z it is NaN, and BCELoss refuses that."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


def logistic(z):
    e = torch.exp(z)
    return e / (1 + e)


x = torch.randn(400, 2)
x[300] = 40.0  # one measurement went wrong
y = (x.sum(1) > 0).float()
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
criterion = nn.BCELoss()
for epoch in range(60):
    for rows in torch.arange(400).split(50):
        loss = criterion(logistic(model(x[rows]).squeeze(1)), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    accuracy = ((model(x).squeeze(1) > 0) == (y > 0)).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
