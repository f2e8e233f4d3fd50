"""A score (higher is better) and an error (lower is better) were taken for each other."""

import argparse

import torch
from torch import nn


class Fit(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)

    def score(self, x, y):
        return (self(x) - y).square().mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--steps", type=int, default=300)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x = torch.randn(300, 3)
    y = x[:, 0] - x[:, 1] * x[:, 2]
    model = Fit()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(args.steps):
        optimizer.zero_grad()
        loss = -model.score(x, y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        r2 = 1 - (model(x) - y).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
