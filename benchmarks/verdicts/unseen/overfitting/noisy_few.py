"""A GRU reads digits row by row; a hundred and twenty examples, labelled in haste."""

import argparse
import math

import torch
from sklearn.datasets import load_digits
from torch import nn


class Reader(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.gru = nn.GRU(8, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, 10)

    def forward(self, rows):
        out, _ = self.gru(rows)
        return self.head(out.mean(1))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--patience", type=float, default=math.inf)
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    d = load_digits()
    x, y = torch.tensor(d.images / 8 - 1).float(), torch.tensor(d.target)
    order = torch.randperm(len(x))
    train, val = order[:120], order[120:520]
    hasty = torch.rand(120) < 0.3
    labels = y[train].clone()
    labels[hasty] = torch.randint(10, (int(hasty.sum()),))
    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    best, waited = math.inf, 0
    for epoch in range(60):
        model.train()
        for b in torch.randperm(120).split(24):
            loss = nn.functional.cross_entropy(model(x[train[b]]), labels[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            val_loss = nn.functional.cross_entropy(model(x[val]), y[val]).item()
        if val_loss < best:
            best, waited = val_loss, 0
        else:
            waited += 1
        if waited > a.patience:
            break
    print("metric measured", val_loss / best)


if __name__ == "__main__":
    main()
