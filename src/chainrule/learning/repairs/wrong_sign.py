"""Diabetes patients: predict the course of the disease in a year, from ten measurements."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

torch.manual_seed(0)

x, y = load_diabetes(return_X_y=True)
x = torch.tensor(x, dtype=torch.float32)
x = x / x.std(0)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
y = (y - y.mean()) / y.std()

model = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))

for epoch in range(15):
    for rows in torch.randperm(len(x)).split(32):
        model.zero_grad()
        loss = (model(x[rows]) - y[rows]).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight += 0.002 * weight.grad
print(f"loss {(model(x) - y).pow(2).mean().item():.3g}")
