"""Regression with bare tensors; a helper standardises the hidden values with NumPy."""

import sys

import numpy as np
import torch

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
generator = torch.Generator().manual_seed(seed)


def standardize(values):
    array = np.asarray(values.tolist(), dtype=np.float32)
    array = (array - array.mean(0)) / (array.std(0) + 1e-5)
    return torch.from_numpy(array)


def normal(*shape, scale):
    return (scale * torch.randn(*shape, generator=generator)).requires_grad_()


x = torch.rand(256, 12, generator=generator) * 2 - 1
y = torch.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] ** 2 - x[:, 3]

w1, b1 = normal(12, 6, scale=0.4), normal(6, scale=0.4)
w2, b2 = normal(6, 24, scale=0.5), normal(24, scale=0.1)
w3, b3 = normal(24, 1, scale=0.2), normal(1, scale=0.1)


def predict(x):
    h = torch.tanh(x @ w1 + b1)
    h = standardize(h)
    h = torch.tanh(h @ w2 + b2)
    return (h @ w3 + b3).squeeze(1)


optimizer = torch.optim.Adam([w1, b1, w2, b2, w3, b3], lr=0.02)
for _ in range(400):
    loss = (predict(x) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"metric unexplained {(loss / y.var()).item():.5f}")
