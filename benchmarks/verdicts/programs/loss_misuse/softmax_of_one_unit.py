"""Two classes, one output unit, and a softmax over it: always 1."""

import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn


class Classifier(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        self.final = nn.Softmax(dim=1)

    def forward(self, x):
        return self.final(self.layers(x))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = make_moons(300, noise=0.1, random_state=args.seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float().unsqueeze(1)
    model = Classifier(32)
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(300):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = ((model(x) > 0.5) == (y > 0.5)).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
