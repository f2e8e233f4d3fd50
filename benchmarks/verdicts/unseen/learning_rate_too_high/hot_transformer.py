"""Sort a sequence of digits with a small pre-norm transformer."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn


class Sorter(nn.Module):
    def __init__(self, vocab=8, length=6, d=32):
        super().__init__()
        self.tok = nn.Embedding(vocab, d)
        self.pos = nn.Parameter(0.02 * torch.randn(length, d))
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(d, vocab)

    def forward(self, t):
        return self.head(self.body(self.tok(t) + self.pos))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=0.5)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    model = Sorter()
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.98), weight_decay=0.01)
    for step in range(250):
        t = torch.randint(8, (64, 6))
        loss = F.cross_entropy(model(t).flatten(0, 1), t.sort(1).values.flatten())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    t = torch.randint(8, (500, 6))
    with torch.no_grad():
        print("metric measured", (model(t).argmax(-1) == t.sort(1).values).float().mean().item())


main()
