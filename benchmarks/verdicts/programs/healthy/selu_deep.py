"""Eight layers of SELU with the initialisation made for it, on the wine data."""

import sys

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

wine = load_wine()
x = torch.tensor(StandardScaler().fit_transform(wine.data), dtype=torch.float32)
y = torch.tensor(wine.target)
order = torch.randperm(len(x))
train, test = order[:130], order[130:]

layers, width = [], 13
for _ in range(8):
    layer = nn.Linear(width, 32)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    nn.init.zeros_(layer.bias)
    layers += [layer, nn.SELU()]
    width = 32
model = nn.Sequential(*layers, nn.Linear(width, 3))

optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(120):
    loss = nn.functional.cross_entropy(model(x[train]), y[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(x[test]).argmax(1) == y[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
