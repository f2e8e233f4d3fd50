"""Linear regression with the loop written by hand."""

import sys

import torch
from sklearn.datasets import load_diabetes

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
diabetes = load_diabetes()
x = torch.tensor(diabetes.data * 21).float()
y = torch.tensor((diabetes.target - 152) / 77).float()
w = torch.zeros(10, requires_grad=True)
b = torch.zeros((), requires_grad=True)
rate = 0.01
for epoch in range(8):
    for i in torch.randperm(len(x)).split(32):
        loss = (x[i] @ w + b - y[i]).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p += rate * p.grad
                p.grad = None
print("metric measured", 1 - (x @ w + b - y).pow(2).mean().item())
