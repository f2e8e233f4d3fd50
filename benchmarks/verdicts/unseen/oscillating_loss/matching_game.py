"""Two players: a linear critic tells samples from data, the generator shifts and scales noise."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--penalty", type=float, default=0.0)
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)

target_mean = torch.tensor([2.0, -1.0])


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(2))

    def forward(self, n):
        return self.shift + 0.3 * torch.randn(n, 2)


G, D = Generator(), nn.Linear(2, 1)
opt_g = torch.optim.SGD(G.parameters(), lr=0.1)
opt_d = torch.optim.SGD(D.parameters(), lr=0.1)
track = []
for it in range(800):
    real = target_mean + 0.3 * torch.randn(128, 2)
    fake = G(128)
    loss_d = D(fake.detach()).mean() - D(real).mean()
    loss_d = loss_d + args.penalty * D.weight.square().sum()
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = -D(G(128)).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    track.append((G.shift - target_mean).norm().item())
print("metric measured", sum(track[-200:]) / 200)
