"""A deep network as a class; every weight is drawn with the deviation of 0.0001."""

import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn


class Deep(nn.Module):
    def __init__(self, width=32, depth=4, std=1e-4):
        super().__init__()
        self.inputs = nn.Linear(2, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.output = nn.Linear(width, 1)
        for name, p in self.named_parameters():
            if name.endswith("weight"):
                nn.init.normal_(p, 0.0, std)
            else:
                nn.init.zeros_(p)

    def forward(self, x):
        h = torch.tanh(self.inputs(x))
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        return self.output(h).squeeze(-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--lr", type=float, default=0.1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = make_moons(400, noise=0.1, random_state=args.seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    model = Deep()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    for _ in range(500):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"metric loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
