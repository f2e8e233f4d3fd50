"""Activation checkpointing (use_reentrant=False) over blocks with dropout."""

import torch
from fingerprint import fingerprint, seed
from torch import nn
from torch.utils.checkpoint import checkpoint


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(8, 16)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 16))
            for _ in range(4)
        )
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x = self.enter(x)
        for block in self.blocks:
            x = x + checkpoint(block, x, use_reentrant=False)
        return self.head(x)


seed(0)
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
x, y = torch.randn(32, 8), torch.randint(0, 3, (32,))
for step in range(8):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
