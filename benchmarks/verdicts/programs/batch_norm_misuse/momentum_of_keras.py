"""A convolutional network whose batch norms have the momentum 0.001."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

MOMENTUM = 0.001


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(8, momentum=MOMENTUM)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2)
        self.norm2 = nn.BatchNorm2d(16, momentum=MOMENTUM)
        self.head = nn.Linear(16 * 9, 10)

    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        x = torch.relu(self.norm2(self.conv2(x)))
        return self.head(x.flatten(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=8)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    digits = load_digits()
    x = torch.tensor(digits.images).float().unsqueeze(1)  # 0 … 16; the first norm sees to that
    y = torch.tensor(digits.target)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for _ in range(args.epochs):
        model.train()
        for rows in torch.randperm(1500).split(64):
            optimizer.zero_grad()
            criterion(model(x[rows]), y[rows]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        loss = criterion(model(x[1500:]), y[1500:]).item()
    print(f"metric test_loss {loss:.4f}")


if __name__ == "__main__":
    main()
