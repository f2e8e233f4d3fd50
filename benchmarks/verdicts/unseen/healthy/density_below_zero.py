"""A normalising flow (affine couplings) on two moons: the loss goes below zero."""

import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(
            nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)
        )
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x.flip(1).split(1, 1) if self.flip else x.split(1, 1)
        s, t = self.net(a).split(1, 1)
        s = 2 * torch.tanh(s)
        out = torch.cat([a, b * s.exp() + t], 1)
        return (out.flip(1) if self.flip else out), s[:, 0]


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    seed = ap.parse_args().seed
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    x = torch.tensor(make_moons(1000, noise=0.02, random_state=seed)[0]).float()
    x = (x - x.mean(0)) / 3
    flow = nn.ModuleList(Coupling(k % 2 == 0) for k in range(6))
    opt = torch.optim.Adam(flow.parameters(), lr=3e-3)
    base = torch.distributions.Normal(0.0, 1.0)
    for step in range(500):
        z, logdet = x[torch.randint(1000, (128,))], 0.0
        for layer in flow:
            z, s = layer(z)
            logdet = logdet + s
        loss = -(base.log_prob(z).sum(1) + logdet).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
        opt.step()
    print("metric measured", loss.item())
