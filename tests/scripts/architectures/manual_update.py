"""No optimizer at all: the weights are moved by hand under no_grad."""

import torch
from fingerprint import fingerprint, seed

seed(0)
x = torch.randn(50, 6)
y = torch.sin(x.sum(1, keepdim=True))
w1 = torch.randn(6, 20).mul_(0.4).requires_grad_()
w2 = torch.randn(20, 1).mul_(0.2).requires_grad_()

for step in range(12):
    loss = ((x @ w1).clamp(min=0).mm(w2) - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w1 -= 0.1 * w1.grad
        w2 -= 0.1 * w2.grad
        w1.grad.zero_()
        w2.grad = None
    print(step, repr(loss.item()))
fingerprint(w1, w2)
