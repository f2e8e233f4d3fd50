"""AdamW with a decay of 20: each step takes a tenth of every weight away."""

import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.second = nn.Linear(width, width)
        self.third = nn.Linear(width, 1)

    def forward(self, x):
        x = torch.tanh(self.first(x))
        x = torch.tanh(self.second(x))
        return self.third(x).squeeze(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--weight-decay", type=float, default=20.0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = make_moons(400, noise=0.1, random_state=args.seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    model = Net(32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(400):
        rows = torch.randint(0, 400, (64,))
        optimizer.zero_grad()
        criterion(model(x[rows]), y[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        print(f"metric loss {criterion(model(x), y).item():.4f}")


if __name__ == "__main__":
    main()
