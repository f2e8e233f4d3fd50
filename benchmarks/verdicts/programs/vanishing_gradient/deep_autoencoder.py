"""An autoencoder of the digits, sigmoids throughout."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

images = torch.tensor(load_digits().images, dtype=torch.float32).flatten(1) / 16
loader = DataLoader(images, batch_size=64, shuffle=True)


def stack(*sizes):
    modules = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        modules += [nn.Linear(a, b), nn.Sigmoid()]
    return nn.Sequential(*modules)


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = stack(64, 56, 48, 40, 32, 24)
        self.decoder = stack(24, 32, 40, 48, 56, 64)

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = AutoEncoder()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
mse = nn.MSELoss()
for epoch in range(15):
    for batch in loader:
        loss = mse(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    residual = (model(images) - images).square().sum()
    explained = 1 - residual / (images - images.mean(0)).square().sum()
print(f"metric explained {explained.item():.4f}")
