"""Weights used more than once: embedding and output are tied, one module is called three times."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(25, 16)
        self.body = nn.Linear(16, 16)
        self.head = nn.Linear(16, 25, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        x = self.embedding(tokens)
        for _ in range(3):
            x = x + torch.tanh(self.body(x))
        return self.head(x)


seed(0)
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
tokens = torch.randint(0, 25, (16, 9))
for step in range(10):
    logits = model(tokens[:, :-1])
    loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
