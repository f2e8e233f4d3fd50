"""A small classifier; biases start below zero, so that few units fire."""

import sys

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_breast_cancer(return_X_y=True)
x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
y = torch.tensor(y).float()

model = nn.Sequential(
    nn.Linear(30, 64),
    nn.ReLU(),
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
)
for m in model:
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.constant_(m.bias, -4.6)  # -log((1 - 0.01) / 0.01)

optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(40):
    for rows in torch.randperm(len(x)).split(64):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_fn(model(x[rows]).squeeze(-1), y[rows])
        loss.backward()
        optimizer.step()

with torch.no_grad():
    accuracy = ((model(x).squeeze(-1) > 0) == y.bool()).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
