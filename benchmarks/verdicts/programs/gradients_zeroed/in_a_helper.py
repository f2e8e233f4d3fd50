"""A helper that clips the gradients also "cleans up" after itself."""

import argparse
import string

import torch
import torch.nn.functional as F
from torch import nn

ALPHABET = string.ascii_lowercase


def clip_gradients(model, limit):
    norm = nn.utils.clip_grad_norm_(model.parameters(), limit)
    for p in model.parameters():
        if p.grad is not None:
            p.grad.zero_()
    return norm.item()


class Shift(nn.Module):
    """Learns the Caesar cipher: which letter becomes which."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(26, 16)
        self.gru = nn.GRU(16, 32, batch_first=True)
        self.out = nn.Linear(32, 26)

    def forward(self, letters):
        hidden, _ = self.gru(self.embedding(letters))
        return self.out(hidden)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--clip", type=float, default=1.0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    model = Shift()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(200):
        letters = torch.randint(0, len(ALPHABET), (32, 8))
        loss = F.cross_entropy(model(letters).transpose(1, 2), (letters + 3) % 26)
        optimizer.zero_grad()
        loss.backward()
        norm = clip_gradients(model, args.clip)
        optimizer.step()
        if step % 50 == 0:
            print(f"{step} loss {loss.item():.3f} norm {norm:.3f}")
    print(f"metric loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
