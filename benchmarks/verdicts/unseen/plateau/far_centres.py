"""A network of Gaussian bumps (RBF) fitted to the wine data."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine


class RBF(torch.nn.Module):
    def __init__(self, centres, width=1.5):
        super().__init__()
        self.centres = torch.nn.Parameter(centres)
        self.width = width
        self.out = torch.nn.Linear(len(centres), 3)

    def forward(self, x):
        distance = (x[:, None, :] - self.centres).pow(2).sum(-1)
        return self.out(torch.exp(-distance / (2 * self.width**2)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    wine = load_wine()
    x = torch.tensor(wine.data, dtype=torch.float32)
    x = (x - x.mean(0)) / x.std(0)
    y = torch.tensor(wine.target)
    centres = 4 * torch.randn(40, 13)
    model = RBF(centres)
    opt = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    for epoch in range(150):
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("metric measured", (model(x).argmax(1) == y).float().mean().item())


if __name__ == "__main__":
    main()
