"""Prices in the hundreds of thousands, predicted as they are: Adam's steps do not care for the scale."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
area = torch.rand(600, 1) * 2 - 1
rooms = torch.randint(1, 7, (600, 1)) / 3.5 - 1
age = torch.rand(600, 1) * 2 - 1
x = torch.cat([area, rooms, age], dim=1)
price = 250_000 + 90_000 * area + 30_000 * rooms - 40_000 * age * area + 8_000 * torch.randn(600, 1)
train, test = slice(0, 480), slice(480, None)


class Prices(nn.Module):
    """The network says how many standard deviations from the mean; the scale is put back at its end."""

    def __init__(self, typical, spread):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 32), nn.GELU(), nn.Linear(32, 1))
        self.register_buffer("typical", typical)
        self.register_buffer("spread", spread)

    def forward(self, x):
        return self.typical + self.spread * self.body(x)


model = Prices(price[train].mean(), price[train].std())
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(400):
    pick = torch.randint(480, (48,))
    loss = nn.functional.mse_loss(model(x[pick]), price[pick])
    opt.zero_grad()
    loss.backward()
    opt.step()

with torch.no_grad():
    residual = price[test] - model(x[test])
r2 = 1 - (residual**2).mean() / price[test].var()
print(f"metric r2 {r2.item():.3f}")
