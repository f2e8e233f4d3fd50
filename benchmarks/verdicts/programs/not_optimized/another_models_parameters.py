"""A small network learns from a big one; the optimizer was given the wrong one of the two."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_digits()
x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)


def mlp(*sizes):
    layers = []
    for n, m in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


teacher = mlp(64, 128, 10)
student = mlp(64, 24, 10)

optimizer = torch.optim.Adam(teacher.parameters(), lr=3e-3)
for _ in range(150):
    rows = torch.randint(len(x), (128,))
    loss = F.cross_entropy(teacher(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"teacher: {loss.item():.3f}")

optimizer = torch.optim.Adam(teacher.parameters(), lr=3e-3)
for _ in range(300):
    rows = torch.randint(len(x), (128,))
    with torch.no_grad():
        soft = teacher(x[rows]).softmax(1)
    loss = F.cross_entropy(student(x[rows]), soft)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (student(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
