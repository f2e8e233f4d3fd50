"""A linear model of the diabetes data by full-batch descent, with an absolute error."""

import sys

import torch
from sklearn.datasets import load_diabetes

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

x, y = load_diabetes(return_X_y=True)
x = torch.tensor(x / x.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)

model = torch.nn.Linear(10, 1)
torch.nn.init.normal_(model.weight, std=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
criterion = torch.nn.SmoothL1Loss(beta=0.02)

for step in range(250):
    loss = criterion(model(x).squeeze(1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("metric loss", loss.item())
