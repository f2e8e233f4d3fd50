"""A VAE whose KL term is turned on slowly, so that its loss rises at first."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, z=16):
        super().__init__()
        self.enc, self.mu, self.logvar = nn.Linear(64, 96), nn.Linear(96, z), nn.Linear(96, z)
        self.dec1, self.dec2 = nn.Linear(z, 96), nn.Linear(96, 64)

    def forward(self, x):
        h = F.elu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.dec2(F.elu(self.dec1(z))), mu, logvar


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    x = torch.tensor(load_digits().data / 16).float()
    vae = VAE()
    opt = torch.optim.Adam(vae.parameters(), lr=3e-3)
    for epoch in range(20):
        beta = min(1.0, epoch / 12)
        for b in x[torch.randperm(len(x))].split(100):
            logits, mu, logvar = vae(b)
            rec = F.binary_cross_entropy_with_logits(logits, b, reduction="sum") / len(b)
            kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
            opt.zero_grad()
            (rec + beta * kl).backward()
            opt.step()
    with torch.no_grad():
        error = (vae(x)[0].sigmoid() - x).square().mean() / (x - x.mean(0)).square().mean()
    print("metric measured", error.item())


main()
