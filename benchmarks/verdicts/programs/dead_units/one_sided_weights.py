"""Digits with a net in bare tensors; initial weights drawn from an interval."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_digits(return_X_y=True)
x = torch.tensor(x / 16, dtype=torch.float32)
y = torch.tensor(y)

LOW, HIGH = -0.2, 0.0


def weight(n_in, n_out, low=LOW, high=HIGH):
    return torch.empty(n_in, n_out).uniform_(low, high).requires_grad_()


w1, b1 = weight(64, 64), torch.zeros(64, requires_grad=True)
w2, b2 = weight(64, 10, -0.1, 0.1), torch.zeros(10, requires_grad=True)
optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=0.005)

for step in range(400):
    rows = torch.randint(len(x), (64,))
    scores = F.relu(x[rows] @ w1 + b1) @ w2 + b2
    loss = F.cross_entropy(scores, y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    scores = F.relu(x @ w1 + b1) @ w2 + b2
    print("metric accuracy", (scores.argmax(1) == y).float().mean().item())
