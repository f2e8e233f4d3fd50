"""Adam with its L2 term at 1: the decay drowns the gradient in both of Adam's averages."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn


def make_step(model, optimizer):
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
x, y = load_wine(return_X_y=True)
x, y = torch.tensor(StandardScaler().fit_transform(x)).float(), torch.tensor(y)
model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 3))
step = make_step(model, torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1.0))
for epoch in range(50):
    for rows in torch.randperm(len(x)).split(32):
        step(x[rows], y[rows])
with torch.no_grad():
    print(f"metric loss {F.cross_entropy(model(x), y).item():.4f}")
