"""A warm-up that counts epochs, and divides whole numbers."""

import sys

import torch
from sklearn.datasets import load_iris
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

x, y = load_iris(return_X_y=True)
x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32)
y = torch.tensor(y)

model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
warm_up = 100
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1, n // warm_up))

for epoch in range(90):
    for rows in torch.randperm(len(x)).split(50):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    schedule.step()

with torch.no_grad():
    print("metric loss", nn.functional.cross_entropy(model(x), y).item())
