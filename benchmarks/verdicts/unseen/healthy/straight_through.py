"""Four-bit weights with a straight-through estimator."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class Quantise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w):
        scale = w.abs().max() / 7
        return (w / scale).round() * scale

    @staticmethod
    def backward(ctx, grad):
        return grad


class QLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, Quantise.apply(self.weight), self.bias)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
net = nn.Sequential(QLinear(64, 48), nn.Hardtanh(), QLinear(48, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        F.cross_entropy(net(x[i]), y[i]).backward()
        opt.step()
print("metric measured", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
