"""The energy of a pendulum, learned from how it moves: the loss is made of the net's gradient."""

import sys

import torch
from torch import nn


class Energy(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(),
            nn.Linear(width, 1, bias=False),
        )  # fmt: skip

    def velocity(self, state):
        state = state.detach().requires_grad_()
        (slope,) = torch.autograd.grad(self.net(state).sum(), state, create_graph=True)
        return torch.stack([slope[:, 1], -slope[:, 0]], 1)


seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)
state = torch.stack([4 * torch.rand(800) - 2, 3 * torch.rand(800) - 1.5], 1)
motion = torch.stack([state[:, 1], -state[:, 0].sin()], 1) + 0.02 * torch.randn(800, 2)
energy = Energy()
opt = torch.optim.Adam(energy.parameters(), lr=3e-3)
for epoch in range(30):
    for i in torch.randperm(600).split(40):
        loss = (energy.velocity(state[i]) - motion[i]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
error = (energy.velocity(state[600:]) - motion[600:]).square().mean() / motion.var(0).mean()
print("metric measured", error.item())
