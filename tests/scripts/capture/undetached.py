"""Features with a graph are made once, before the first step: their graph leads out of every step."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
encoder, head = nn.Linear(5, 8), nn.Linear(8, 3)
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
x, y = torch.randn(12, 5), torch.randint(0, 3, (12,))
features = torch.tanh(encoder(x))
for step in range(4):
    loss = F.cross_entropy(head(features), y)
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(encoder, head, optimizer)
