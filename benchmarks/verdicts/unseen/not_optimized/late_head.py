"""Pretrains on one task, then puts a new head on the body for another."""

import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
seed = ap.parse_args().seed
torch.manual_seed(seed)
torch.set_num_threads(1)
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)


class Net(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(13, 16), nn.Tanh())
        self.fc = nn.Linear(16, out)

    def forward(self, x):
        return self.fc(self.body(x))


net = Net(13)
pre = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(60):
    pre.zero_grad()
    (net(X) - X).pow(2).mean().backward()
    pre.step()

for p in net.body.parameters():
    p.requires_grad_(False)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net.fc = nn.Linear(16, 3)
for epoch in range(80):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(X), y)
    loss.backward()
    optimizer.step()
print("metric measured", (net(X).argmax(1) == y).float().mean().item())
