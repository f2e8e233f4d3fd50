"""A generator and a discriminator take turns, until the points drawn lie on a ring as the data do."""

import math
import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


def real(count):
    angle = 2 * math.pi * torch.rand(count)
    radius = 1 + 0.05 * torch.randn(count)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)


generator = nn.Sequential(
    nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 2)
)
discriminator = nn.Sequential(
    nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1)
)
optimizer_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.9))
optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9))
criterion = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)

for iteration in range(500):
    # the discriminator: what the generator made is detached, so that only the judge learns
    fake = generator(torch.randn(128, 4))
    loss_d = criterion(discriminator(real(128)), ones) + criterion(
        discriminator(fake.detach()), zeros
    )
    optimizer_d.zero_grad()
    loss_d.backward()
    optimizer_d.step()

    # the generator: the gradient comes through the discriminator
    loss_g = criterion(discriminator(fake), ones)
    optimizer_g.zero_grad()
    loss_g.backward()
    optimizer_g.step()

with torch.no_grad():
    drawn = generator(torch.randn(1000, 4))
distance = (drawn.norm(dim=1) - 1).abs().mean().item()
print(f"metric distance {distance:.3f}")
