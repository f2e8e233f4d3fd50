"""Skip-gram with negative samples on the text of a licence; most rows rest at any one step."""

import argparse
import sys

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
text = " ".join(
    m.__doc__ or "" for m in (sys.modules["argparse"], torch.optim.Adam, nn.LSTM, nn.Conv2d)
)
words = [w for w in text.lower().split() if w.isalpha()]
vocab = sorted(set(words))
ids = torch.tensor([vocab.index(w) for w in words])
emb = nn.Embedding(len(vocab), 24, sparse=True)
ctx = nn.Embedding(len(vocab), 24, sparse=True)
nn.init.zeros_(ctx.weight)
opt = torch.optim.SparseAdam([*emb.parameters(), *ctx.parameters()], lr=1e-2)
first = last = 0.0
for step in range(400):
    i = torch.randint(2, len(ids) - 2, (64,))
    shift = torch.tensor([-2, -1, 1, 2])[torch.randint(4, (64,))]
    centre, near, far = ids[i], ids[i + shift], ids[torch.randint(len(ids), (64, 4))]
    e = emb(centre)
    pos = nn.functional.logsigmoid((e * ctx(near)).sum(-1))
    neg = nn.functional.logsigmoid(-(ctx(far) @ e.unsqueeze(-1)).squeeze(-1)).sum(-1)
    loss = -(pos + neg).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step < 20:
        first += loss.item() / 20
    if step >= 380:
        last += loss.item() / 20
print("metric measured", last / first)
