"""Training for 3-bit activations: hidden values are rounded in the forward pass."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Quantize(nn.Module):
    def __init__(self, levels):
        super().__init__()
        self.levels = levels

    def forward(self, x):
        x = x.clamp(0, 1)
        rounded = torch.round(x * self.levels) / self.levels
        return rounded


def build():
    return nn.Sequential(
        nn.Linear(64, 24),
        Quantize(7),
        nn.Linear(24, 12),
        Quantize(7),
        nn.Linear(12, 10),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--lr", type=float, default=5e-3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    data = load_digits()
    x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)
    model = build()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for _ in range(args.steps):
        rows = torch.randint(len(x), (64,))
        loss = criterion(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(x).argmax(1) == y).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
