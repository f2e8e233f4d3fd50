"""A variational autoencoder of the digits with torch.distributions."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import Normal, kl_divergence


class VAE(nn.Module):
    def __init__(self, z=6):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2 * z))
        self.decoder = nn.Sequential(nn.Linear(z, 64), nn.ReLU(), nn.Linear(64, 64))

    def forward(self, x):
        mean, log_std = self.encoder(x).chunk(2, -1)
        q = Normal(mean, log_std.exp())
        z = q.sample()
        return self.decoder(z), q


def elbo(model, x):
    logits, q = model(x)
    rec = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(1)
    return -(rec + kl).mean()


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
x = torch.tensor(load_digits().data / 16).float()
model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for b in x[torch.randperm(len(x))].split(64):
        loss = -elbo(model, b)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    out, q = model(x)
    z = q.mean
    err = (torch.sigmoid(model.decoder(z)) - x).square().mean() / (x - x.mean(0)).square().mean()
print("metric measured", err.item())
