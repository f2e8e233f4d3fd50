"""The user turned anomaly detection on; on the last step it finds a NaN and the script goes on."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
torch.autograd.set_detect_anomaly(True)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(16, 6), torch.randn(16, 1)
for step in range(6):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    if step == 5:
        loss = loss + 0 * (model[2].bias * 0).sqrt().sum()
    try:
        loss.backward()
    except RuntimeError as error:
        print("caught", error)
        continue
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
