"""An autoencoder with a discrete code: each hidden vector is replaced by its nearest code."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class DiscreteAutoencoder(nn.Module):
    def __init__(self, parts=8, codes=16, size=4):
        super().__init__()
        self.parts, self.size = parts, size
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, parts * size))
        self.codes = nn.Parameter(torch.randn(codes, size))
        self.decoder = nn.Sequential(nn.Linear(parts * size, 64), nn.ReLU(), nn.Linear(64, 64))

    def forward(self, x):
        z = self.encoder(x).reshape(-1, self.parts, self.size)
        nearest = torch.cdist(z, self.codes.expand(len(z), -1, -1)).argmin(-1)
        q = self.codes[nearest]
        quantized = q
        return self.decoder(quantized.flatten(1))


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data / 16).float()
    model = DiscreteAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(500):
        batch = x[torch.randint(len(x), (128,))]
        loss = F.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        error = F.mse_loss(model(x), x) / x.var(0).mean()
    print(f"metric unexplained {error.item():.4f}")


if __name__ == "__main__":
    main()
