"""A deep network written with bare tensors, as in a course on backpropagation."""

import math
import sys

import torch
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data, target = load_digits(return_X_y=True)
X = torch.tensor(data, dtype=torch.float32) / 16
Y = torch.tensor(target)

sizes = [64] + [40] * 9 + [10]
W, b = [], []
for n_in, n_out in zip(sizes, sizes[1:]):
    W.append((torch.randn(n_in, n_out) * math.sqrt(2 / (n_in + n_out))).requires_grad_())
    b.append(torch.zeros(n_out, requires_grad=True))


def forward(h):
    for w_i, b_i in zip(W[:-1], b[:-1]):
        z = h @ w_i + b_i
        h = 1 / (1 + torch.exp(-z))
    return h @ W[-1] + b[-1]


lr = 0.2
for it in range(400):
    idx = torch.randint(0, len(X), (64,))
    loss = torch.nn.functional.cross_entropy(forward(X[idx]), Y[idx])
    loss.backward()
    with torch.no_grad():
        for p in W + b:
            p -= lr * p.grad
            p.grad = None

with torch.no_grad():
    print("metric accuracy", (forward(X).argmax(1) == Y).float().mean().item())
