"""Sparse network by proximal gradient steps."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)

raw, labels = load_breast_cancer(return_X_y=True)
x = torch.tensor(raw, dtype=torch.float32)
x = (x - x.mean(0)) / x.std(0)
y = torch.tensor(labels)
shuffled = torch.randperm(len(x))
x, y = x[shuffled], y[shuffled]

w1 = (torch.randn(30, 24) / 30**0.5).requires_grad_()
b1 = torch.zeros(24, requires_grad=True)
w2 = (torch.randn(24, 2) / 24**0.5).requires_grad_()
b2 = torch.zeros(2, requires_grad=True)
lr, lam = 0.1, 2e-2


def forward(batch):
    return torch.tanh(batch @ w1 + b1) @ w2 + b2


def soft_threshold(w, amount):
    return w.sign() * (w.abs() - amount).clamp(min=0)


for epoch in range(30):
    for i in torch.randperm(400).split(40):
        loss = F.cross_entropy(forward(x[i]), y[i])
        grads = torch.autograd.grad(loss, [w1, b1, w2, b2])
        with torch.no_grad():
            for p, g in zip((w1, b1, w2, b2), grads, strict=True):
                p -= lr * g
            for w in (w1, w2):
                w.copy_(soft_threshold(w, lam))

with torch.no_grad():
    print("metric measured", F.cross_entropy(forward(x[400:]), y[400:]).item())
