"""A conv net with validation every epoch."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


def block(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU())


@torch.no_grad()
def validate(model, x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.images / 16).float()[:, None], torch.tensor(d.target)
net = nn.Sequential(
    block(1, 8), block(8, 8), block(8, 8), block(8, 8), block(8, 8), block(8, 8),
    nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 10),
)  # fmt: skip
opt = torch.optim.SGD(net.parameters(), lr=0.02)
print("accuracy before", validate(net, x[1500:], y[1500:]))
for epoch in range(4):
    for i in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    accuracy = validate(net, x[1500:], y[1500:])
print("metric measured", accuracy)
