"""A plain multilayer perceptron with Adam."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 5))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()
x, y = torch.randn(64, 20), torch.randint(0, 5, (64,))

for step in range(10):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
