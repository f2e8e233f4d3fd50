"""Two heads and an auxiliary loss summed, then a second backward call for another loss in the same step."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 24), nn.ELU(), nn.Linear(24, 24), nn.ELU())
        self.kind = nn.Linear(24, 4)
        self.value = nn.Linear(24, 1)

    def forward(self, x):
        features = self.body(x)
        return self.kind(features), self.value(features), features


seed(0)
model = TwoHeads()
decoder = nn.Linear(24, 8)
optimizer = torch.optim.Adam([*model.parameters(), *decoder.parameters()], lr=1e-2)
x = torch.randn(40, 8)
kind, value = torch.randint(0, 4, (40,)), torch.randn(40, 1)
for step in range(8):
    optimizer.zero_grad()
    logits, estimate, features = model(x)
    first = F.cross_entropy(logits, kind)
    second = F.mse_loss(estimate, value)
    aux = 1e-3 * features.pow(2).sum()
    loss = sum([first, 0.5 * second, aux])
    loss.backward()
    again = F.smooth_l1_loss(decoder(model(x + 0.1)[2]), x)
    again.backward()
    optimizer.step()
    print(step, *(repr(v.item()) for v in (first, second, aux, loss, again)))
fingerprint(model, decoder, optimizer)
