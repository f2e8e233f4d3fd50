"""A convolutional net whose filters are copies of one edge detector."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, bias=False)
        self.conv2 = nn.Conv2d(12, 12, 3, bias=False)
        self.fc = nn.Linear(12 * 4, 10)
        self.pool = nn.MaxPool2d(2)
        self.reset()

    def reset(self):
        edge = torch.tensor([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]]) / 8
        with torch.no_grad():
            for conv in (self.conv1, self.conv2):
                conv.weight.copy_(edge.expand_as(conv.weight))
            nn.init.constant_(self.fc.weight, 1e-2)

    def forward(self, x):
        x = torch.tanh(self.conv1(x))
        x = self.pool(torch.tanh(self.conv2(x)))
        return self.fc(x.flatten(1))


def main(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    digits = load_digits()
    x = torch.tensor(digits.images / 16).float()[:, None]
    y = torch.tensor(digits.target)
    net = Net()
    opt = torch.optim.Adagrad(net.parameters(), lr=0.02)
    for epoch in range(6):
        for i in torch.randperm(1500).split(50):
            loss = nn.functional.cross_entropy(net(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("metric measured", (net(x[1500:]).argmax(1) == y[1500:]).float().mean().item())


main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
