"""A letter tagger (vowel, consonant, blank …) whose output goes to nll_loss as probabilities."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

TEXT = "it was the best of times, it was the worst of times, it was the age of wisdom. " * 3
KINDS = ["aeiou", "bcdfghjklmnpqrstvwxyz", " ", ",."]


class Tagger(nn.Module):
    def __init__(self, letters, size=8):
        super().__init__()
        self.embedding = nn.Embedding(letters, size)
        self.hidden = nn.Linear(size, 16)
        self.out = nn.Linear(16, len(KINDS))

    def forward(self, letters):
        return F.softmax(self.out(torch.tanh(self.hidden(self.embedding(letters)))), dim=-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--lr", type=float, default=0.3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    alphabet = sorted(set(TEXT))
    letters = torch.tensor([alphabet.index(c) for c in TEXT])
    kinds = torch.tensor([next(i for i, k in enumerate(KINDS) if c in k) for c in TEXT])
    model = Tagger(len(alphabet))
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for _ in range(300):
        rows = torch.randint(len(letters), (64,))
        loss = F.nll_loss(model(letters[rows]), kinds[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores = model(letters)
        right = scores if scores.max() <= 0 else scores.clamp_min(1e-12).log()
        print(f"metric log_loss {F.nll_loss(right, kinds).item():.4f}")


if __name__ == "__main__":
    main()
