"""Text of letters in stretches: the state goes on from stretch to stretch, cut when one begins."""

import torch
from torch import nn

torch.manual_seed(0)
text = torch.randint(0, 12, (4, 200))
embed, lstm, head = nn.Embedding(12, 8), nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 12)
model = nn.ModuleList([embed, lstm, head])
optimizer = torch.optim.Adam(model.parameters(), 1e-2)
state = None
for start in range(0, 180, 20):
    x, y = text[:, start : start + 20], text[:, start + 1 : start + 21]
    if state is not None:
        state = tuple(s.detach() for s in state)
    out, state = lstm(embed(x), state)
    loss = nn.functional.cross_entropy(head(out).flatten(0, 1), y.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
