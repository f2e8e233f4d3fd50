"""The loss is weighted by numbers that NumPy made of the model's output: not a function of θ to us."""

import numpy as np
import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.Tanh(), nn.Linear(10, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 5), torch.randn(12, 2)
for step in range(5):
    out = model(x)
    hard = np.abs(out.detach().numpy() - y.numpy()).mean(1)
    weights = torch.from_numpy(hard / hard.sum())
    loss = (weights * (out - y).pow(2).mean(1)).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
