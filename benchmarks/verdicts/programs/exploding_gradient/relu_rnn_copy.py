"""A ReLU recurrent net, its recurrent matrix at the identity, adds up what is marked."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

T, H = 60, 32


def batch(n):
    values = torch.rand(n, T)
    marks = torch.zeros(n, T)
    marks[torch.arange(n), torch.randint(0, T // 2, (n,))] = 1
    marks[torch.arange(n), torch.randint(T // 2, T, (n,))] = 1
    return torch.stack([values, marks], dim=2), (values * marks).sum(1)


rnn = nn.RNN(2, H, nonlinearity="relu", batch_first=True)
readout = nn.Linear(H, 1)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(1.1 * torch.eye(H))
    rnn.weight_ih_l0.normal_(0, 0.1)

params = list(rnn.parameters()) + list(readout.parameters())
optimizer = torch.optim.SGD(params, lr=0.01)

for step in range(250):
    x, target = batch(32)
    _, h = rnn(x)
    loss = ((readout(h[0]).squeeze(1) - target) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    x, target = batch(500)
    error = ((readout(rnn(x)[1][0]).squeeze(1) - target) ** 2).mean().item()
print("metric loss", error)
