"""Fine-tuning: the backbone is frozen and in eval mode, its last layer is unfrozen half way."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
backbone = nn.Sequential(
    nn.Linear(12, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU()
)
head = nn.Linear(24, 3)
model = nn.Sequential(backbone, head)
backbone.requires_grad_(False)
backbone.eval()
optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
x, y = torch.randn(48, 12), torch.randint(0, 3, (48,))
for step in range(10):
    if step == 5:
        backbone[3].requires_grad_(True)
        optimizer.add_param_group({"params": list(backbone[3].parameters()), "lr": 1e-3})
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), [p.grad is not None for p in model.parameters()])
fingerprint(model, optimizer)
