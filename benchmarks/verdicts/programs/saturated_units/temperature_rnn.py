"""A recurrent cell written out, reading rows of digits."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32) / 16
y = torch.tensor(digits.target)


class Reader(nn.Module):
    def __init__(self, width=48, temperature=0.01):
        super().__init__()
        self.inp = nn.Linear(8, width)
        self.rec = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, 10)
        self.temperature = temperature

    def forward(self, rows):
        h = torch.zeros(len(rows), self.rec.in_features)
        for t in range(rows.shape[1]):
            h = torch.tanh((self.inp(rows[:, t]) + self.rec(h)) / self.temperature)
        return self.out(h)


model = Reader()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for step in range(300):
    idx = torch.randint(len(x), (64,))
    loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()

with torch.no_grad():
    print("metric loss", nn.functional.cross_entropy(model(x), y).item())
