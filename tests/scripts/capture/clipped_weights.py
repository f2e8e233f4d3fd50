"""A critic whose weights are clipped in place, before each forward pass, as in a Wasserstein GAN."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
critic = nn.Sequential(nn.Linear(4, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
optimizer = torch.optim.RMSprop(critic.parameters(), lr=5e-3)
real, fake = torch.randn(32, 4) + 1, torch.randn(32, 4)
for step in range(6):
    for p in critic.parameters():
        p.data.clamp_(-0.05, 0.05)
    loss = critic(fake).mean() - critic(real).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(critic, optimizer)
