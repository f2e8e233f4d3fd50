"""Regression on a large target with a ReLU net and plain descent."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

x, y = load_diabetes(return_X_y=True, scaled=False)
x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
y_mean, y_std = 0.0, 1.0
target = (y - y_mean) / y_std

w1 = (torch.randn(10, 50) * (2 / 10) ** 0.5).requires_grad_()
b1 = torch.zeros(50, requires_grad=True)
w2 = (torch.randn(50, 50) * (2 / 50) ** 0.5).requires_grad_()
b2 = torch.zeros(50, requires_grad=True)
w3 = (torch.randn(50, 1) * (1 / 50) ** 0.5).requires_grad_()
b3 = torch.zeros(1, requires_grad=True)
params = [w1, b1, w2, b2, w3, b3]


def predict(inputs):
    hidden = F.relu(inputs @ w1 + b1)
    hidden = F.relu(hidden @ w2 + b2)
    return (hidden @ w3 + b3).squeeze(1)


optimizer = torch.optim.SGD(params, lr=0.003)
for step in range(400):
    rows = torch.randint(len(x), (64,))
    loss = F.mse_loss(predict(x[rows]), target[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    residual = (predict(x) - target).square().mean()
    r2 = 1 - residual / target.var(unbiased=False)
print("metric r2", r2.item())
