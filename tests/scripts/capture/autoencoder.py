"""A variational autoencoder with torch.distributions, whose arguments are checked."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


from torch.distributions import Normal, kl_divergence

seed(0)
encoder, decoder = nn.Linear(8, 6), nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 8))
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)
x = torch.randn(24, 8)
for step in range(6):
    mean, width = encoder(x).chunk(2, 1)
    code = Normal(mean, F.softplus(width))
    loss = -Normal(decoder(code.rsample()), 1.0).log_prob(x).sum(1).mean()
    loss = loss + kl_divergence(code, Normal(0.0, 1.0)).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), repr(torch.rand(()).item()))
fingerprint(encoder, decoder, optimizer)
