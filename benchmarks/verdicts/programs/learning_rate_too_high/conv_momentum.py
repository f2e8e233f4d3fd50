"""A small convolutional net on the digits, SGD with momentum."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.gelu(self.conv1(x)), 2)
        x = F.max_pool2d(F.gelu(self.conv2(x)), 2)
        x = F.gelu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(x)


def train(model, x, y, optimizer, args):
    model.train()
    for epoch in range(args.epochs):
        for rows in torch.randperm(len(x)).split(args.batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()


def main():
    parser = argparse.ArgumentParser(description="digits")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1.0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(digits.target)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    train(model, x, y, optimizer, args)
    model.eval()
    with torch.no_grad():
        print("metric accuracy", (model(x).argmax(1) == y).float().mean().item())


if __name__ == "__main__":
    main()
