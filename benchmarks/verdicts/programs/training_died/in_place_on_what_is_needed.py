"""A sigmoid's output is changed in place, though its derivative needs it."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.gate = nn.Linear(size, size)

    def forward(self, x):
        g = torch.sigmoid(self.gate(x))
        g *= 2
        return g * x


def main(seed):
    torch.manual_seed(seed)
    x, y = make_moons(300, noise=0.1, random_state=seed)
    x, y = torch.tensor(x).float(), torch.tensor(y)
    model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), Gate(24), nn.Linear(24, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(200):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    accuracy = (model(x).argmax(1) == y).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
