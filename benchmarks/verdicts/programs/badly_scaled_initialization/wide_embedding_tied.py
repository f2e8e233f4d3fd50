"""A language model of letters whose embedding, from N(0, 1), is the output layer as well."""

import argparse
import this as zen_of_python

import torch
import torch.nn.functional as F
from torch import nn

TEXT = "".join(zen_of_python.d.get(c, c) for c in zen_of_python.s)
LETTERS = sorted(set(TEXT))


class Tied(nn.Module):
    def __init__(self, size=256, context=6):
        super().__init__()
        self.embedding = nn.Embedding(len(LETTERS), size)
        self.context = nn.Linear(context, 1, bias=False)
        self.norm = nn.LayerNorm(size)

    def forward(self, letters):
        h = self.context(self.embedding(letters).transpose(1, 2)).squeeze(2)
        return self.norm(h) @ self.embedding.weight.T


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--steps", type=int, default=300)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    ids = torch.tensor([LETTERS.index(c) for c in TEXT])
    windows = ids.unfold(0, 7, 1)
    model = Tied()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(args.steps):
        batch = windows[torch.randint(len(windows), (64,))]
        loss = F.cross_entropy(model(batch[:, :-1]), batch[:, -1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        loss = F.cross_entropy(model(windows[:, :-1]), windows[:, -1])
    print(f"metric loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
