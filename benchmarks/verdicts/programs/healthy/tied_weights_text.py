"""A GRU that predicts the next letter, its output weights tied to the embedding; gradients clipped."""

import sys
import textwrap

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

with open(textwrap.__file__) as file:
    text = file.read()[:12_000]
signs = sorted(set(text))
codes = torch.tensor([signs.index(sign) for sign in text])


class Model(nn.Module):
    def __init__(self, many, width=32):
        super().__init__()
        self.embedding = nn.Embedding(many, width)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, many)
        self.head.weight = self.embedding.weight
        nn.init.normal_(self.embedding.weight, std=0.2)

    def forward(self, codes):
        hidden, _ = self.recurrent(self.embedding(codes))
        return self.head(hidden)


model = Model(len(signs))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(200):
    starts = torch.randint(len(codes) - 33, (16,))
    batch = torch.stack([codes[s : s + 33] for s in starts])
    logits = model(batch[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, len(signs)), batch[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
print(f"metric loss {loss.item():.3f}")
