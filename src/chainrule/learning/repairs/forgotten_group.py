"""Handwritten digits. One layer stands still."""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

digits = load_digits()
x = torch.tensor(digits.data / 16, dtype=torch.float32)
y = torch.tensor(digits.target)

encoder = nn.Linear(64, 32)
hidden = nn.Linear(32, 32)
head = nn.Linear(32, 10)
model = nn.Sequential(encoder, nn.ReLU(), hidden, nn.ReLU(), head)
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)

for epoch in range(15):
    for rows in torch.randperm(len(x)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"accuracy {accuracy:.1%}")
