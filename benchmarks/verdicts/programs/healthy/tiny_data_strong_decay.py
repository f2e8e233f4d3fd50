"""A linear model on few examples with weight decay that is meant: ridge regression by descent."""

import sys

import torch
from sklearn.datasets import load_diabetes
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_diabetes()
x = torch.tensor(data.data * 21, dtype=torch.float32)  # unit variance
y = torch.tensor((data.target - data.target.mean()) / data.target.std(), dtype=torch.float32)
order = torch.randperm(len(x))
train, test = order[:60], order[60:]

model = nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=0.1)
for step in range(400):
    loss = nn.functional.mse_loss(model(x[train]).squeeze(1), y[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    error = nn.functional.mse_loss(model(x[test]).squeeze(1), y[test])
print(f"metric r2 {1 - (error / y[test].var()).item():.3f}")
