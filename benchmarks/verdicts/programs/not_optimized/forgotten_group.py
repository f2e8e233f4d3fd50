"""Learning rates by part of the model; one part is in no group."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

TEXT = (
    "the quick brown fox jumps over the lazy dog while five boxing wizards jump quickly and "
    "pack my box with five dozen jugs of liquor then sphinx of black quartz judge my vow "
) * 4
letters = sorted(set(TEXT))
ids = torch.tensor([letters.index(c) for c in TEXT])
CONTEXT = 4


class NextLetter(nn.Module):
    def __init__(self, size=6, width=64):
        super().__init__()
        self.embedding = nn.Embedding(len(letters), size)
        self.mixer = nn.Linear(CONTEXT * size, 3)
        self.head = nn.Sequential(nn.Tanh(), nn.Linear(3, width), nn.ReLU(), nn.Linear(width, 27))

    def forward(self, context):
        return self.head(self.mixer(self.embedding(context).flatten(1)))


model = NextLetter()
optimizer = torch.optim.Adam(
    [
        {"params": model.embedding.parameters(), "lr": 1e-4},
        {"params": model.head.parameters(), "lr": 5e-3},
    ]
)
windows = ids.unfold(0, CONTEXT + 1, 1)
for _ in range(500):
    batch = windows[torch.randint(len(windows), (128,))]
    loss = nn.functional.cross_entropy(model(batch[:, :-1]), batch[:, -1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    loss = nn.functional.cross_entropy(model(windows[:, :-1]), windows[:, -1])
print(f"metric loss {loss.item():.4f}")
