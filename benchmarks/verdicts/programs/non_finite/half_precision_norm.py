"""Trains in half precision, with a penalty on the length of the hidden vectors."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.last = nn.Linear(width, 10)

    def forward(self, x):
        hidden = torch.relu(self.first(x))
        return self.last(hidden), hidden


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    dtype = torch.float16

    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x).to(dtype), torch.tensor(y)
    model = Net(128).to(dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=2e-3)
    for step in range(200):
        rows = torch.randint(len(x), (32,))
        scores, hidden = model(x[rows])
        lengths = hidden.pow(4).sum(dim=1)
        loss = nn.functional.cross_entropy(scores.float(), y[rows]) + 1e-9 * lengths.float().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("metric loss", loss.item())


if __name__ == "__main__":
    main()
