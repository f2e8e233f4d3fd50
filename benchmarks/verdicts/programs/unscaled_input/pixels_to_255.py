"""Digits with pixels from 0 to 255, a functional network of sigmoids."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_digits()
pixels = torch.tensor(data.images * 255 / 16).round().to(torch.uint8)  # as image files have them
y = torch.tensor(data.target)
x = pixels.flatten(1).float()


def linear(n, m):
    bound = n**-0.5
    return [
        torch.empty(m, n).uniform_(-bound, bound).requires_grad_(),
        torch.empty(m).uniform_(-bound, bound).requires_grad_(),
    ]


layers = [linear(64, 32), linear(32, 10)]


def scores(x):
    h = torch.sigmoid(F.linear(x, *layers[0]))
    return F.linear(h, *layers[1])


optimizer = torch.optim.SGD([p for layer in layers for p in layer], lr=0.1, momentum=0.9)
for _ in range(400):
    rows = torch.randint(len(x), (64,))
    optimizer.zero_grad()
    loss = F.cross_entropy(scores(x[rows]), y[rows])
    loss.backward()
    optimizer.step()

with torch.no_grad():
    print(f"metric loss {F.cross_entropy(scores(x), y).item():.4f}")
