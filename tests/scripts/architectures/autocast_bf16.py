"""Mixed precision on the CPU: torch.autocast with bfloat16."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 32), nn.GELU(), nn.Linear(32, 4)
)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
x, y = torch.randn(32, 1, 8, 8), torch.randint(0, 4, (32,))
for step in range(8):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    print(step, logits.dtype, repr(loss.item()))
fingerprint(model, optimizer)
