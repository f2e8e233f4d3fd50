"""Bare tensors drawn by torch.rand, all of them between 0 and 1, under tanh."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_digits()
x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)


def uniform(n, m):
    w = torch.rand(n, m)
    return w.requires_grad_()


w1, w2, w3 = uniform(64, 100), uniform(100, 100), uniform(100, 10)
b1, b2, b3 = (torch.zeros(n, requires_grad=True) for n in (100, 100, 10))


def scores(x):
    h = torch.tanh(x @ w1 + b1)
    h = torch.tanh(h @ w2 + b2)
    return h @ w3 + b3


optimizer = torch.optim.SGD([w1, b1, w2, b2, w3, b3], lr=0.1)
for _ in range(400):
    rows = torch.randint(len(x), (64,))
    loss = F.cross_entropy(scores(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

accuracy = (scores(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
