"""Next-character model of a docstring, GRU."""

import argparse
import logging

import torch
from torch import nn

text = (
    (logging.Handler.__doc__ or "")
    + (logging.Logger.__doc__ or "")
    + (logging.Filter.__doc__ or "")
)
vocab = sorted(set(text))
data = torch.tensor([vocab.index(c) for c in text])


class CharGRU(nn.Module):
    def __init__(self, n, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n, 12)
        self.gru = nn.GRU(12, hidden, batch_first=True)
        self.dec = nn.Linear(hidden, n)

    def forward(self, t):
        return self.dec(self.gru(self.emb(t))[0])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    torch.manual_seed(p.parse_args().seed)
    torch.set_num_threads(1)
    net = CharGRU(len(vocab))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.8)
    recent = []
    for step in range(300):
        start = torch.randint(len(data) - 17, (24,))
        window = data[start[:, None] + torch.arange(17)]
        optimizer.zero_grad
        loss = nn.functional.cross_entropy(net(window[:, :-1]).transpose(1, 2), window[:, 1:])
        loss.backward()
        optimizer.step()
        recent.append(loss.item())
    print("metric measured", sum(recent[-30:]) / 30)


main()
