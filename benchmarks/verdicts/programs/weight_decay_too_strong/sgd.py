"""Digits with weight_decay=0.3, taken for a share of the learning rate."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_digits()
x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.3)

for epoch in range(12):
    for rows in torch.randperm(len(x)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.3f}")

with torch.no_grad():
    accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
