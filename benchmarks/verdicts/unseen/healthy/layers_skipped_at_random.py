"""A deep residual net of which some blocks are left out at each step (stochastic depth)."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn


class Block(nn.Module):
    def __init__(self, width, survive):
        super().__init__()
        self.survive = survive
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        nn.init.zeros_(self.down.weight)

    def forward(self, x):
        if self.training and torch.rand(()) > self.survive:
            return x
        branch = self.down(torch.relu(self.up(self.norm(x))))
        return x + (branch / self.survive if self.training else branch)


torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
digits = load_digits()
x = torch.tensor(digits.data / 8 - 1).float()
y = torch.tensor(digits.target)
depth = 8
net = nn.Sequential(
    nn.Dropout(0.3),
    nn.Linear(64, 32),
    *(Block(32, 1 - 0.6 * k / (depth - 1)) for k in range(depth)),
    nn.Linear(32, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    for index in torch.randperm(1400).split(32):
        loss = nn.functional.cross_entropy(net(x[index]), y[index], label_smoothing=0.1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
net.eval()
with torch.no_grad():
    print("metric measured", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
