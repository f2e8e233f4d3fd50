"""The state of a recurrent network goes from chunk to chunk with its whole history."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

signal = torch.sin(torch.arange(0, 200, 0.25))
cell, readout = nn.GRUCell(1, 24), nn.Linear(24, 1)
optimizer = torch.optim.Adam([*cell.parameters(), *readout.parameters()], lr=0.01)

CHUNK = 10
state = torch.zeros(1, 24)
losses = []
for start in range(0, len(signal) - CHUNK - 1, CHUNK):
    state = state
    predictions = []
    for t in range(start, start + CHUNK):
        state = cell(signal[t].view(1, 1), state)
        predictions.append(readout(state))
    target = signal[start + 1 : start + CHUNK + 1]
    loss = (torch.cat(predictions).squeeze(1) - target).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"metric loss {sum(losses[-20:]) / 20:.4f}")
