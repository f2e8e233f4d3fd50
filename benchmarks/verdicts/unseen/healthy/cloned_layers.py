"""Does the second half of a sequence repeat the first? A transformer whose layers start as copies."""

import argparse

import torch
from torch import nn


class Repeats(nn.Module):
    def __init__(self, vocab=6, length=6, dim=32, depth=3):
        super().__init__()
        self.token = nn.Embedding(vocab, dim)
        self.place = nn.Parameter(0.3 * torch.randn(length, dim))
        layer = nn.TransformerEncoderLayer(
            dim, 4, 64, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocab)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, s):
        return self.head(self.norm(self.layers(self.token(s) + self.place)))


def batch(n):
    first = torch.randint(6, (n, 3))
    shown = torch.cat([first, torch.zeros_like(first)], 1)
    return shown, torch.cat([first, first.flip(1)], 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    torch.manual_seed(p.parse_args().seed)
    torch.set_num_threads(1)
    model = Repeats()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    warmup = torch.optim.lr_scheduler.LinearLR(opt, 0.05, total_iters=30)
    for _ in range(350):
        x, y = batch(48)
        loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        warmup.step()
    with torch.no_grad():
        x, y = batch(300)
        print("metric measured", (model(x).argmax(-1) == y).float().mean().item())


main()
