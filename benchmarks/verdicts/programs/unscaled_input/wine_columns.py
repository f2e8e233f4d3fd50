"""Wines by thirteen measurements as they were noted down, from 0.1 to 1680."""

import sys

import torch
from sklearn.datasets import load_wine
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_wine(return_X_y=True)
x, y = torch.tensor(x).float(), torch.tensor(y)

model = nn.Sequential(nn.Linear(13, 32), nn.Tanh(), nn.Linear(32, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for epoch in range(50):
    for rows in torch.randperm(len(x)).split(16):
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

with torch.no_grad():
    accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
