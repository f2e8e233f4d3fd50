"""Digits by a conv net with generalised-mean pooling."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class GeM(nn.Module):
    """A mean with a learned exponent: 1 is the average, infinity the maximum."""

    def __init__(self, p=3.0):
        super().__init__()
        self.p = nn.Parameter(torch.tensor(p))

    def forward(self, x):
        return x.pow(self.p).mean((2, 3)).pow(1 / self.p)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = GeM()
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(F.max_pool2d(x, 2)))
        return self.fc(self.pool(x))


def run(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    d = load_digits()
    x, y = torch.tensor(d.images / 16).float().unsqueeze(1), torch.tensor(d.target)
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
    for epoch in range(12):
        for i in torch.randperm(1400).split(64):
            opt.zero_grad(set_to_none=True)
            F.cross_entropy(net(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        return (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--seed", type=int, default=0)
    print("metric measured", run(cli.parse_args().seed))
