"""A residual network without normalisation: every block doubles the variance."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

digits = load_digits()
x = torch.tensor(digits.data / 16.0, dtype=torch.float32)
x = x - x.mean()
y = torch.tensor(digits.target)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.Identity()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.second.weight, nonlinearity="relu")

    def forward(self, h):
        return h + self.second(F.relu(self.first(self.norm(h))))


class ResNet(nn.Module):
    def __init__(self, depth=16, width=48):
        super().__init__()
        self.inp = nn.Linear(64, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(depth)))
        self.norm = nn.Identity()
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        return self.out(self.norm(self.blocks(self.inp(x))))


net = ResNet()
sgd = torch.optim.SGD(net.parameters(), lr=0.01)
for step in range(200):
    i = torch.randint(len(x), (64,))
    loss = F.cross_entropy(net(x[i]), y[i])
    sgd.zero_grad()
    loss.backward()
    sgd.step()

print("metric accuracy", (net(x).argmax(1) == y).float().mean().item())
