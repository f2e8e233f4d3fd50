"""Look-up by attention: find the key that belongs to the question, and read its value."""

import argparse

import torch
from torch import nn
from torch.nn import functional as F


class Lookup(nn.Module):
    def __init__(self, symbols=10, d=16, temperature=0.002):
        super().__init__()
        self.question, self.key = nn.Embedding(symbols, d), nn.Embedding(symbols, d)
        self.temperature = temperature

    def forward(self, question, keys, values):
        q, k = self.question(question), self.key(keys)
        scores = (k @ q.unsqueeze(-1)).squeeze(-1) / self.temperature
        return (F.softmax(scores, -1) * values).sum(-1)


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
model = Lookup()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(600):
    keys = torch.rand(64, 10).argsort(1)[:, :6]
    values = torch.randn(64, 6)
    asked = torch.randint(6, (64, 1))
    out = model(keys.gather(1, asked)[:, 0], keys, values)
    loss = F.mse_loss(out, values.gather(1, asked)[:, 0])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("metric measured", loss.item())
