"""Recover a signal from the squares of its projections."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
n, m = 12, 200
signal = torch.randn(n)
signal /= signal.norm()
A = torch.randn(m, n)
power = (A @ signal) ** 2

guess = torch.zeros(n, requires_grad=True)
opt = torch.optim.SGD([guess], lr=0.02, momentum=0.8)
for i in range(400):
    opt.zero_grad()
    loss = ((A @ guess) ** 2 - power).pow(2).mean()
    loss.backward()
    opt.step()
overlap = (guess @ signal).abs() / guess.norm().clamp_min(1e-12)
print("metric measured", overlap.item())
