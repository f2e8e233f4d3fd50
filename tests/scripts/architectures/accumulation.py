"""Four micro-batches a step, the gradient's norm clipped, a cosine schedule."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(nn.Linear(10, 32), nn.SiLU(), nn.LayerNorm(32), nn.Linear(32, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
x, y = torch.randn(256, 10), torch.randint(0, 3, (256,))
micro = 4
optimizer.zero_grad()
for i in range(8 * micro):
    rows = torch.randperm(256)[:16]
    loss = nn.functional.cross_entropy(model(x[rows]), y[rows]) / micro
    loss.backward()
    if (i + 1) % micro == 0:
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.2)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        print(i // micro, repr(loss.item()), repr(norm.item()), repr(scheduler.get_last_lr()[0]))
fingerprint(model, optimizer, scheduler)
