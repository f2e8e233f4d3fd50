"""Random numbers of Python, NumPy and a generator of its own inside the forward pass."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn



class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(6))
        self.own = torch.Generator().manual_seed(5)

    def forward(self, x):
        for layer in self.layers:
            if random.random() < 0.7:
                x = x + torch.tanh(layer(x)) * float(np.random.uniform(0.5, 1.5))
        keep = torch.bernoulli(torch.sigmoid(x), generator=self.own)
        return x * keep.detach()


seed(0)
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(16, 8), torch.randn(16, 8)
for step in range(8):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), random.random(), float(np.random.rand()))
fingerprint(model, optimizer, model.own.get_state())
