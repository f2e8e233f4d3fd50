"""Least squares on the diabetes data, full batch, in bare tensors."""

import sys

import torch
from sklearn.datasets import load_diabetes

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_diabetes(return_X_y=True)
x = torch.tensor(x, dtype=torch.float32)
x = (x - x.mean(0)) / x.std(0)
y = torch.tensor(y, dtype=torch.float32)
y = (y - y.mean()) / y.std()

w = (0.1 * torch.randn(10)).requires_grad_()
b = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.3)
for step in range(150):
    loss = ((x @ w + b - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("metric loss", loss.item())
