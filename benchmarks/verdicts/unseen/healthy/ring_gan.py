"""A GAN that learns a ring in the plane; its two losses hover and cross."""

import argparse
import math

import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)


def ring(n):
    angle = 2 * math.pi * torch.rand(n)
    return torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(n, 2)


def mlp(i, o, act):
    return nn.Sequential(nn.Linear(i, 64), act, nn.Linear(64, 64), act, nn.Linear(64, o))


G, D = mlp(4, 2, nn.ReLU()), mlp(2, 1, nn.LeakyReLU(0.2))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.9))
for it in range(900):
    fake = G(torch.randn(128, 4))
    loss_d = F.softplus(-D(ring(128))).mean() + F.softplus(D(fake.detach())).mean()
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = F.softplus(-D(fake)).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
with torch.no_grad():
    points = G(torch.randn(1000, 4))
radius = points.norm(dim=1)
sector = (
    ((torch.atan2(points[:, 1], points[:, 0]) + math.pi) / (2 * math.pi) * 8).long().clamp(0, 7)
)
on_ring = (radius - 1).abs() < 0.35
print("metric measured", len(sector[on_ring].unique()) / 8)
