"""Poisson regression: the rate is the exponential of a net's output."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

x, counts = load_diabetes(return_X_y=True)
x = torch.tensor(x / x.std(0), dtype=torch.float32)
counts = torch.tensor(counts, dtype=torch.float32)

w = [torch.randn(10, 32) * 0.3, torch.randn(32, 1) * 0.2]
b = [torch.zeros(32), torch.zeros(1)]
for tensor in w + b:
    tensor.requires_grad_()
optimizer = torch.optim.SGD(w + b, lr=0.01)
scale = 1.0

for step in range(300):
    rows = torch.randint(len(x), (64,))
    hidden = F.relu(x[rows] @ w[0] + b[0])
    log_rate = (hidden @ w[1] + b[1]).squeeze(1)
    loss = (torch.exp(log_rate) - counts[rows] * scale * log_rate).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("metric loss", loss.item())
