"""Learns to rank pairs by a margin, with scores clipped to a range."""

import sys

import torch
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

truth = torch.randn(12)
items = torch.randn(600, 12)
worth = items @ truth


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(12, 32)
        self.score = nn.Linear(32, 1)
        nn.init.constant_(self.score.bias, 60.0)

    def forward(self, x):
        raw = self.score(torch.relu(self.hidden(x))).squeeze(-1)
        return torch.clamp(raw, 0.0, 50.0)


scorer = Scorer()
optimizer = torch.optim.SGD(scorer.parameters(), lr=0.05)
for step in range(400):
    a, b = torch.randint(600, (2, 64))
    better = torch.sign(worth[a] - worth[b])
    margin = 1 - better * (scorer(items[a]) - scorer(items[b]))
    loss = torch.relu(margin).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    a, b = torch.randint(600, (2, 2000))
    agree = ((scorer(items[a]) - scorer(items[b])) * (worth[a] - worth[b]) > 0).float().mean()
print("metric accuracy", agree.item())
