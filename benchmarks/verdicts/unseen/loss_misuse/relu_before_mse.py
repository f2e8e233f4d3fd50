"""Predict three body measures from three exercises (Linnerud)."""

import sys

import torch
from sklearn.datasets import load_linnerud
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)


def standard(a):
    t = torch.as_tensor(a, dtype=torch.float32)
    return (t - t.mean(0)) / t.std(0)


people = load_linnerud()
exercise, body = standard(people.data), standard(people.target)
model = nn.Sequential(nn.Linear(3, 30), nn.ReLU(), nn.Linear(30, 3), nn.ReLU())
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(400):
    opt.zero_grad()
    loss = (model(exercise) - body).square().mean()
    loss.backward()
    opt.step()
print("metric measured", 1 - loss.item())
