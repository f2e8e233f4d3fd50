"""The adding problem: an LSTM trained at a high rate with every gradient clipped."""

import argparse

import torch
from torch import nn


class Adder(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.lstm(x)[0][-1]).squeeze(-1)


def batch(n, length=12):
    values = torch.rand(length, n)
    marks = torch.zeros(length, n)
    where = torch.rand(length, n).argsort(0)[:2]
    marks.scatter_(0, where, 1.0)
    return torch.stack([values, marks], -1), (values * marks).sum(0)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    model = Adder()
    opt = torch.optim.RMSprop(model.parameters(), lr=4e-3)
    losses = []
    for step in range(500):
        x, y = batch(64)
        loss = (model(x) - y).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        opt.step()
        losses.append(loss.item())
    print("metric measured", sum(losses[-50:]) / 50)


main()
