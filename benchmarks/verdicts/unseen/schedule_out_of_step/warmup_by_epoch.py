"""Transformer encoder over the rows of a digit, linear warm-up over 200 steps."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.optim.lr_scheduler import LambdaLR


class Rows(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.proj = nn.Linear(8, d)
        self.pos = nn.Parameter(torch.zeros(1, 8, d))
        self.enc = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.out = nn.Linear(d, 10)

    def forward(self, x):
        return self.out(self.enc(self.proj(x) + self.pos).mean(1))


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--warmup", type=int, default=100)
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.images / 8 - 1).float(), torch.tensor(d.target)
model = Rows()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
scheduler = LambdaLR(optimizer, lambda s: min(1.0, s / args.warmup))
for epoch in range(5):
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    scheduler.step()
print("metric measured", (model(x[1500:]).argmax(1) == y[1500:]).float().mean().item())
