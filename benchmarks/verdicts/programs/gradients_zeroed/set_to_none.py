"""Moons, a class; gradients are dropped (set to None) before the optimizer sees them."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn


class MoonNet(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.inner = nn.Linear(2, hidden)
        self.outer = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.outer(torch.tanh(self.inner(x))).squeeze(1)


def fit(model, x, y, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(steps):
        loss = criterion(model(x), y)
        loss.backward()
        model.zero_grad()
        optimizer.step()
    return loss.item()


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x, y = make_moons(400, noise=0.1, random_state=seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    print(f"metric loss {fit(MoonNet(), x, y, 300):.4f}")


if __name__ == "__main__":
    main()
