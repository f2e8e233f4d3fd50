import argparse
from dataclasses import dataclass, field

import torch
from sklearn.datasets import load_digits
from torch import nn


@dataclass
class Hyper:
    lr: float = 0.05
    weight_decay: float = 0.5
    epochs: int = 12
    widths: list = field(default_factory=lambda: [64, 64, 32, 10])


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
h = Hyper()
net = nn.Sequential()
for k, (a, b) in enumerate(zip(h.widths, h.widths[1:])):
    net.append(nn.Linear(a, b))
    if k < len(h.widths) - 2:
        net.append(nn.ReLU())
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
opt = torch.optim.SGD(net.parameters(), lr=h.lr, momentum=0.9, weight_decay=h.weight_decay)
for epoch in range(h.epochs):
    for batch in torch.randperm(1437).split(48):
        loss = nn.functional.cross_entropy(net(X[batch]), y[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
print("metric measured", (net(X[1437:]).argmax(1) == y[1437:]).float().mean().item())
