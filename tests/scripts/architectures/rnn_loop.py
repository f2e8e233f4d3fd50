"""A recurrent network written by hand on bare tensors: no nn.Module anywhere."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed

seed(0)
size = 24
wx = torch.randn(10, size, requires_grad=True)
wh = (torch.randn(size, size) / size**0.5).requires_grad_()
b = torch.zeros(size, requires_grad=True)
wy = (torch.randn(size, 10) / size**0.5).requires_grad_()
parameters = [wx, wh, b, wy]
optimizer = torch.optim.RMSprop(parameters, lr=1e-2)
tokens = torch.randint(0, 10, (16, 21))

for step in range(8):
    h = torch.zeros(16, size)
    loss = 0.0
    for t in range(20):
        h = torch.tanh(F.one_hot(tokens[:, t], 10).float() @ wx + h @ wh + b)
        loss = loss + F.cross_entropy(h @ wy, tokens[:, t + 1])
    loss = loss / 20
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(parameters, optimizer)
