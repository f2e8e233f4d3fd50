"""Handwritten digits, in two parts. The encoder never learns."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

digits = load_digits()
x = torch.tensor(digits.data / 16, dtype=torch.float32)
y = torch.tensor(digits.target)

encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
head = nn.Linear(16, 10)
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.2)

for epoch in range(15):
    for rows in torch.randperm(len(x)).split(64):
        code = torch.tensor(encoder(x[rows]).tolist())
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(code), y[rows])
        loss.backward()
        optimizer.step()

accuracy = (head(encoder(x)).argmax(1) == y).float().mean().item()
print(f"accuracy {accuracy:.1%}")
