"""Attention pooling over sentences of different length; some are empty."""

import argparse

import torch
from torch import nn

WORDS = "good bad fine awful nice poor great sad the a film plot".split()
POSITIVE, NEGATIVE = {"good", "fine", "nice", "great"}, {"bad", "awful", "poor", "sad"}
PAD = len(WORDS)


def sentences(n, longest=8):
    tokens = torch.full((n, longest), PAD)
    labels = torch.zeros(n)
    for i in range(n):
        length = int(torch.randint(0, longest + 1, ()))
        picked = torch.randint(PAD, (length,))
        tokens[i, :length] = picked
        words = [WORDS[w] for w in picked.tolist()]
        score = sum(w in POSITIVE for w in words) - sum(w in NEGATIVE for w in words)
        labels[i] = float(score > 0)
    return tokens, labels


class Pool(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.emb = nn.Embedding(PAD + 1, d, padding_idx=PAD)
        self.key = nn.Linear(d, 1)
        self.out = nn.Linear(d, 1)

    def forward(self, t):
        e = self.emb(t)
        scores = self.key(e).squeeze(-1).masked_fill(t == PAD, float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        return self.out((weights.unsqueeze(-1) * e).sum(1)).squeeze(-1)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    tokens, labels = sentences(800)
    model = Pool()
    opt = torch.optim.Adam(model.parameters(), lr=0.02)
    for epoch in range(10):
        for b in torch.randperm(800).split(40):
            loss = nn.functional.binary_cross_entropy_with_logits(model(tokens[b]), labels[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    tokens, labels = sentences(300)
    print("metric measured", ((model(tokens) > 0).float() == labels).float().mean().item())
