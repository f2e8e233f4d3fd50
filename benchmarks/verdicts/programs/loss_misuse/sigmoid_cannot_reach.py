"""A regression on standardised targets, of which half are negative; the output is a sigmoid."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.Tanh())
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        return torch.sigmoid(self.out(self.body(x))).squeeze(1)


def batches(x, y, size):
    order = torch.randperm(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


x = torch.randn(512, 4)
y = 2 * x[:, 0] - x[:, 1] + torch.sin(2 * x[:, 2])
y = (y - y.mean()) / y.std()

model = Regressor()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.MSELoss()
for _ in range(40):
    for inputs, targets in batches(x, y, 64):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()

with torch.no_grad():
    r2 = 1 - criterion(model(x), y) / y.var()
print(f"metric r2 {r2.item():.4f}")
