"""A small network fitted to the diabetes data by steps of one size, in the direction of the sign."""

import sys

import torch
from sklearn.datasets import load_diabetes
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
LR = 0.08

data = load_diabetes()
x = torch.tensor(data.data * 20, dtype=torch.float32)
y = torch.tensor((data.target - data.target.mean()) / data.target.std(), dtype=torch.float32)
net = nn.Sequential(nn.Linear(10, 24), nn.Tanh(), nn.Linear(24, 1))

for step in range(300):
    loss = (net(x)[:, 0] - y).pow(2).mean()
    grads = torch.autograd.grad(loss, list(net.parameters()))
    with torch.no_grad():
        for p, g in zip(net.parameters(), grads):
            p.sub_(g.sign(), alpha=LR)
print("metric measured", (net(x)[:, 0] - y).pow(2).mean().item())
