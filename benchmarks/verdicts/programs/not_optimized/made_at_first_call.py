"""A layer whose input size is known only when data arrive is made at the first call."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn


class Net(nn.Module):
    def __init__(self, features=5):
        super().__init__()
        self.features = features
        self.project = None
        self.head = nn.Linear(features, 10)

    def forward(self, x):
        if self.project is None:
            self.project = nn.Linear(x.shape[1], self.features)
        return self.head(torch.tanh(self.project(x)))


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16).float(), torch.tensor(digits.target)
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)

    def step(x, y):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    for _ in range(15):
        for rows in torch.randperm(len(x)).split(64):
            step(x[rows], y[rows])
    with torch.no_grad():
        accuracy = (model(x).argmax(1) == y).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
