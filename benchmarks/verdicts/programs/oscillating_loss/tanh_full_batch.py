"""Fits a curve with a small tanh net, by full-batch descent."""

import argparse
import math

import torch
from torch import nn


class Curve(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.hidden = nn.Linear(1, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--lr", type=float, default=2.0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x = torch.linspace(-2, 2, 128).unsqueeze(1)
    y = torch.sin(math.pi * x)
    model = Curve()
    nn.init.normal_(model.out.weight, std=0.3)
    sgd = torch.optim.SGD(model.parameters(), lr=args.lr)
    losses = []
    for step in range(500):
        loss = nn.functional.l1_loss(model(x), y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    print("metric loss", sum(losses[-50:]) / 50)


if __name__ == "__main__":
    main()
