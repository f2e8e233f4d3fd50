"""A GAN that draws flowers: four measurements of an iris."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_iris


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


class Gan:
    def __init__(self, real, lr=2e-3):
        self.real = real
        self.G, self.D = mlp(6, 32, 32, 4), mlp(4, 32, 32, 1)
        self.opt_g = torch.optim.Adam(self.G.parameters(), lr=lr, betas=(0.5, 0.99))
        self.opt_d = torch.optim.Adam(self.D.parameters(), lr=lr, betas=(0.5, 0.99))
        self.bce = nn.BCEWithLogitsLoss()

    def step(self, n=50):
        real = self.real[torch.randint(len(self.real), (n,))]
        fake = self.G(torch.randn(n, 6))
        one, zero = torch.ones(n, 1), torch.zeros(n, 1)

        self.opt_d.zero_grad()
        loss_d = self.bce(self.D(real), one) + self.bce(self.D(fake.detach()), zero)
        loss_d.backward()
        self.opt_d.step()

        self.opt_g.zero_grad()
        loss_g = self.bce(self.D(fake.detach()), one)
        loss_g.backward()
        self.opt_g.step()
        return loss_d.item(), loss_g.item()


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--steps", type=int, default=700)
    a = p.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    x = torch.tensor(load_iris().data).float()
    gan = Gan(x - x.mean(0) + 1.5)
    for _ in range(a.steps):
        gan.step()
    with torch.no_grad():
        off = (gan.G(torch.randn(500, 6)).mean(0) - gan.real.mean(0)).abs().mean()
    print("metric measured", off.item())
