"""A generator and a discriminator with an optimizer each; fakes are detached for the discriminator."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
generator = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
discriminator = nn.Sequential(
    nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Dropout(0.1), nn.Linear(16, 1)
)
of_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
of_d = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)
for step in range(8):
    real = torch.randn(32, 2) * 0.5 + 2
    fake = generator(torch.randn(32, 4))
    of_d.zero_grad()
    loss_d = criterion(discriminator(real), ones) + criterion(discriminator(fake.detach()), zeros)
    loss_d.backward()
    of_d.step()
    of_g.zero_grad()
    loss_g = criterion(discriminator(fake), ones)
    loss_g.backward()
    of_g.step()
    print(step, repr(loss_d.item()), repr(loss_g.item()))
fingerprint(generator, discriminator, of_g, of_d)
