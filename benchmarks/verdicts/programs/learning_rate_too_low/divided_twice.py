"""Accumulates gradients over micro-batches; the loss is divided along the way."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

points, side = make_moons(800, noise=0.15, random_state=1)
points = torch.tensor(points).float()
side = torch.tensor(side).float()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)
        )

    def forward(self, x):
        return self.layers(x).squeeze(1)


model = Classifier()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
criterion = nn.BCEWithLogitsLoss()
batch_size, accumulate = 32, 4

for epoch in range(40):
    order = torch.randperm(len(points))
    for number, rows in enumerate(order.split(batch_size)):
        loss = criterion(model(points[rows]), side[rows])
        loss = loss / batch_size / batch_size / accumulate
        loss.backward()
        if number % accumulate == accumulate - 1:
            optimizer.step()
            optimizer.zero_grad()

with torch.no_grad():
    accuracy = ((model(points) > 0) == side.bool()).float().mean().item()
    print("loss", criterion(model(points), side).item(), "accuracy", accuracy)
    print("metric loss", criterion(model(points), side).item())
