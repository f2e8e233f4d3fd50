"""Read twenty symbols, then say which one came first."""

import sys

import torch
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
SYMBOLS, LENGTH, HIDDEN = 4, 20, 32


class Recall(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, 8)
        self.rnn = nn.RNN(8, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, SYMBOLS)
        nn.init.normal_(self.rnn.weight_hh_l0, std=0.1)

    def forward(self, tokens):
        _, last = self.rnn(self.embed(tokens))
        return self.out(last[0])


def batch(n=64):
    tokens = torch.randint(SYMBOLS, (n, LENGTH))
    return tokens, tokens[:, 0]


net = Recall()
optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3)
for step in range(300):
    tokens, first = batch()
    loss = nn.functional.cross_entropy(net(tokens), first)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
tokens, first = batch(1000)
with torch.no_grad():
    print("metric measured", (net(tokens).argmax(1) == first).float().mean().item())
