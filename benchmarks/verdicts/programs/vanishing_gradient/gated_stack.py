"""A stack of gated layers: each layer lets through a part of its input."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate = nn.Linear(width, width)
        self.mix = nn.Linear(width, width)

    def forward(self, h):
        return torch.sigmoid(self.gate(h)) * torch.tanh(self.mix(h))


class GatedNet(nn.Module):
    def __init__(self, inputs, width, depth, classes):
        super().__init__()
        self.embed = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(Gate(width) for _ in range(depth))
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        h = self.embed(x)
        for block in self.blocks:
            h = block(h)
        return self.head(h)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--depth", type=int, default=10)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    raw, labels = load_wine(return_X_y=True)
    x = torch.as_tensor(StandardScaler().fit_transform(raw)).float()
    y = torch.as_tensor(labels)

    net = GatedNet(13, 24, args.depth, 3)
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for step in range(300):
        batch = torch.randperm(len(x))[:48]
        opt.zero_grad()
        F.cross_entropy(net(x[batch]), y[batch]).backward()
        opt.step()

    with torch.no_grad():
        acc = (net(x).argmax(-1) == y).float().mean()
    print(f"metric accuracy {acc:.4f}")


if __name__ == "__main__":
    main()
