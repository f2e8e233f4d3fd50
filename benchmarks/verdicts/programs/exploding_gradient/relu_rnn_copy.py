"""A ReLU recurrent net, its recurrent matrix near the identity, learns a sum that fades."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

T, H = 60, 32


fade = 0.9 ** torch.arange(T - 1, -1, -1)


def batch(n):
    values = torch.rand(n, T) - 0.5
    return values.unsqueeze(2), (values * fade).sum(1)


rnn = nn.RNN(1, H, nonlinearity="relu", batch_first=True)
readout = nn.Linear(H, 1)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(1.1 * torch.eye(H))
    rnn.weight_ih_l0.normal_(0, 0.1)

params = list(rnn.parameters()) + list(readout.parameters())
optimizer = torch.optim.SGD(params, lr=0.01)

for step in range(500):
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
