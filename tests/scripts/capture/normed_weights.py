"""Weights computed from others: weight norm, spectral norm, a softmax over layers."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


from torch.nn.utils.parametrizations import spectral_norm, weight_norm

seed(0)
model = nn.Sequential(weight_norm(nn.Linear(6, 12)), nn.SiLU(), spectral_norm(nn.Linear(12, 12)), nn.SiLU(), nn.Linear(12, 3))
mix = nn.Parameter(torch.zeros(2))
optimizer = torch.optim.Adagrad([*model.parameters(), mix], lr=0.05)
x, y = torch.randn(20, 6), torch.randint(0, 3, (20,))
for step in range(6):
    a = torch.softmax(mix, 0)
    loss = a[0] * F.cross_entropy(model(x), y) + a[1] * F.cross_entropy(model(-x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, mix, optimizer)
