"""A chain of linear layers without a nonlinearity, fitted to a line."""

import sys

import torch
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)


class Chain(nn.Module):
    def __init__(self, depth=4, start=1e-3):
        super().__init__()
        self.factors = nn.ParameterList(
            nn.Parameter(start * (1 + 0.1 * torch.randn(()))) for _ in range(depth)
        )

    def forward(self, x):
        for w in self.factors:
            x = w * x
        return x


x = torch.linspace(-1, 1, 64)
y = 2 * x
model = Chain()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(400):
    loss = (model(x) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("metric loss", loss.item())
