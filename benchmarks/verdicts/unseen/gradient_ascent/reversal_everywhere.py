"""Features that tell digits apart but not whether the picture was inverted."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.strength * grad, None


class Adversarial(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32), nn.Tanh())
        self.digit = nn.Linear(32, 10)
        self.domain = nn.Linear(32, 2)

    def forward(self, x, strength):
        f = self.features(x)
        f = Reverse.apply(f, strength)
        return self.digit(f), self.domain(f)


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.data / 8 - 1).float(), torch.tensor(d.target)
model = Adversarial()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    for i in torch.randperm(1400).split(50):
        inverted = torch.randint(2, (len(i),))
        xb = torch.where(inverted[:, None] == 1, -x[i], x[i])
        digit, domain = model(xb, 0.3)
        loss = ce(digit, y[i]) + ce(domain, inverted)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    print("metric measured", (model(x[1400:], 0.3)[0].argmax(1) == y[1400:]).float().mean().item())
