"""Sparse gradients: nn.Embedding(sparse=True) with SparseAdam, EmbeddingBag with SGD, a dense head with Adam."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
words = nn.Embedding(100, 8, sparse=True)
bag = nn.EmbeddingBag(50, 8, mode="mean", sparse=True)
head = nn.Linear(16, 2)
optimizers = [
    torch.optim.SparseAdam(list(words.parameters()), lr=1e-2),
    torch.optim.SGD(bag.parameters(), lr=0.1),
    torch.optim.Adam(head.parameters(), lr=1e-2),
]
for step in range(8):
    tokens, tags = torch.randint(0, 100, (16, 5)), torch.randint(0, 50, (16, 3))
    y = tokens[:, 0] % 2
    for optimizer in optimizers:
        optimizer.zero_grad()
    features = torch.cat([words(tokens).mean(1), bag(tags)], dim=1)
    loss = nn.functional.cross_entropy(head(features), y)
    loss.backward()
    rows = words.weight.grad.coalesce().values().shape[0]
    for optimizer in optimizers:
        optimizer.step()
    print(step, repr(loss.item()), words.weight.grad.layout, rows)
fingerprint(words, bag, head, *optimizers)
