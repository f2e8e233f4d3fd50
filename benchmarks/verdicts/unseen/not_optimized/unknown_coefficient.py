"""Growth rate of a population, found together with its curve: du/dt = r u (1 - u)."""

import argparse

import torch
from torch import nn


class Curve(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1)
        )

    def forward(self, t):
        return self.body(t / 3 - 1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
args = ap.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)

TRUE_RATE = 1.4
t_seen = torch.rand(25, 1) * 6
u_seen = 1 / (1 + 9 * torch.exp(-TRUE_RATE * t_seen)) + 0.01 * torch.randn(25, 1)

u = Curve()
rate = nn.Parameter(torch.tensor(0.4))
optimizer = torch.optim.Adam(u.parameters(), lr=5e-3)

for step in range(900):
    optimizer.zero_grad()
    rate.grad = None
    t = (torch.rand(64, 1) * 6).requires_grad_()
    value = u(t)
    (slope,) = torch.autograd.grad(value.sum(), t, create_graph=True)
    residual = slope - rate * value * (1 - value)
    loss = (u(t_seen) - u_seen).square().mean() + residual.square().mean()
    loss.backward()
    optimizer.step()

print("metric measured", abs(rate.item() - TRUE_RATE) / TRUE_RATE)
