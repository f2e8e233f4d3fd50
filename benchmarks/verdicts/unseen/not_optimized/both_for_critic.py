"""GAN of a shifted Gaussian, with the second optimizer copied from the first."""

import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)

generator = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
discriminator = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=5e-3, betas=(0.5, 0.9))
g_optimizer = torch.optim.Adam(discriminator.parameters(), lr=5e-3, betas=(0.5, 0.9))

for it in range(600):
    real = torch.tensor([1.5, 1.5]) + 0.5 * torch.randn(64, 2)
    fake = generator(torch.randn(64, 4))
    d_loss = (
        F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
    )
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    g_loss = F.softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()

with torch.no_grad():
    print("metric measured", (generator(torch.randn(1000, 4)).mean(0) - 1.5).norm().item())
