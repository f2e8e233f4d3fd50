"""A small causal transformer on the descriptions of Python's built-in names, with warm-up and inverse root decay."""

import argparse
import builtins
import math

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
parts = [getattr(builtins, n).__doc__ or "" for n in sorted(dir(builtins))]
text = "".join(parts).lower()
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
train, val = ids[: int(0.9 * len(ids))], ids[int(0.9 * len(ids)) :]
T, D = 24, 32


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))

    def forward(self, x):
        q, k, v = self.qkv(self.ln1(x)).view(*x.shape[:2], 2, -1, 3).unbind(-1)
        q, k, v = (a.transpose(1, 2) for a in (q, k, v))
        a = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(x.shape))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(chars), D), nn.Embedding(T, D)
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.ln, self.head = nn.LayerNorm(D), nn.Linear(D, len(chars))

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.shape[1]))
        for block in self.blocks:
            h = block(h)
        return self.head(self.ln(h))


def batch(source, n=24):
    start = torch.randint(len(source) - T - 1, (n,))
    rows = torch.stack([source[s : s + T + 1] for s in start])
    return rows[:, :-1], rows[:, 1:]


model = GPT()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.98), weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 40, math.sqrt(40 / (s + 1))))
for step in range(220):
    x, t = batch(train)
    loss = nn.functional.cross_entropy(model(x).flatten(0, 1), t.flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
model.eval()
with torch.no_grad():
    x, t = batch(val, 64)
    print(
        "metric measured", nn.functional.cross_entropy(model(x).flatten(0, 1), t.flatten()).item()
    )
