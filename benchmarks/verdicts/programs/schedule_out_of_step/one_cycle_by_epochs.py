"""OneCycleLR is told the number of all steps, and stepped once an epoch."""

import sys

import torch
from sklearn.datasets import make_circles
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = make_circles(640, noise=0.05, factor=0.6, random_state=seed)
x, y = torch.tensor(x).float(), torch.tensor(y).float()
weights = [torch.randn(2, 32) * 0.7, torch.zeros(32), torch.randn(32, 1) * 0.2, torch.zeros(1)]
for w in weights:
    w.requires_grad_()


def logits(x):
    w1, b1, w2, b2 = weights
    return (torch.tanh(x @ w1 + b1) @ w2 + b2).squeeze(1)


EPOCHS, BATCH = 12, 40
steps = EPOCHS * len(x) // BATCH
optimizer = torch.optim.SGD(weights, lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=steps)
criterion = nn.BCEWithLogitsLoss()
for _ in range(EPOCHS):
    for rows in torch.randperm(len(x)).split(BATCH):
        optimizer.zero_grad()
        loss = criterion(logits(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    scheduler.step()

with torch.no_grad():
    print(f"metric loss {criterion(logits(x), y).item():.4f}")
