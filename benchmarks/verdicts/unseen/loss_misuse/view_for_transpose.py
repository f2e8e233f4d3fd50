"""Tags each character: start of a word, inside, end, or between words."""

import argparse

import torch
from torch import nn

TEXT = " ".join((cls.__doc__ or "").lower() for cls in (nn.LSTM, nn.Conv2d, nn.Transformer))
ALPHABET = sorted(set(TEXT))


def tag(text, k):
    if not text[k].isalpha():
        return 3
    if not text[k - 1].isalpha():
        return 0
    return 2 if not text[k + 1].isalpha() else 1


class Tagger(nn.Module):
    def __init__(self, n_symbols, n_tags=4, dim=16):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, dim)
        self.rnn = nn.GRU(dim, 32, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(64, n_tags)

    def forward(self, chars):
        return self.tags(self.rnn(self.embedding(chars))[0])  # (batch, time, tags)


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
opts = parser.parse_args()
torch.manual_seed(opts.seed)
torch.set_num_threads(1)
chars = torch.tensor([ALPHABET.index(c) for c in TEXT])
tags = torch.tensor([tag(TEXT, k) for k in range(1, len(TEXT) - 1)])
chars = chars[1:-1]
length = 20
rows = len(chars) // length
chars = chars[: rows * length].view(rows, length)
tags = tags[: rows * length].view(rows, length)
cut = int(0.8 * rows)

model = Tagger(len(ALPHABET))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
for epoch in range(12):
    for i in torch.randperm(cut).split(16):
        logits = model(chars[i])
        loss = criterion(logits.view(len(i), 4, length), tags[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    right = model(chars[cut:]).argmax(-1) == tags[cut:]
print("metric measured", right.float().mean().item())
