import argparse
import random

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn, optim


def parse():
    p = argparse.ArgumentParser(description="small convolutional net on digits")
    p.add_argument("--lr", type=float, default=0.3)
    p.add_argument("--batch-size", type=int, default=100)
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 4, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


def run_epoch(net, opt, X, y, batch_size):
    net.train()
    for idx in torch.randperm(len(X)).split(batch_size):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        loss.backward()
        opt.step()


if __name__ == "__main__":
    args = parse()
    seed_everything(args.seed)
    torch.set_num_threads(1)
    d = load_digits()
    X = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(d.target)
    net = ConvNet()
    opt = optim.Adam(net.parameters(), lr=args.lr)
    for _ in range(args.epochs):
        run_epoch(net, opt, X[:1400], y[:1400], args.batch_size)
    net.eval()
    with torch.no_grad():
        print("metric measured", (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
