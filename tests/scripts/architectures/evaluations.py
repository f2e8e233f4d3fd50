"""Evaluations between steps: a block, a decorator, inference mode, a phase; scripting meanwhile."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    total = sum(F.cross_entropy(model(x), y, reduction="sum").item() for x, y in batches)
    model.train()
    return total / sum(len(y) for _, y in batches)


@torch.inference_mode()
def outputs(model, x, y):
    out = model(x)
    return out, F.cross_entropy(out, y)


def scaled(x):
    with torch.no_grad():
        y = x * 2
    return F.cross_entropy(y, x.argmax(1))


seed(0)
layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, batch_first=True)
model = nn.Sequential(nn.TransformerEncoder(layer, 1), nn.Flatten(), nn.Linear(24, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
batches = [(torch.randn(6, 3, 8), torch.randint(0, 3, (6,))) for _ in range(4)]
held = [(torch.randn(n, 3, 8), torch.randint(0, 3, (n,))) for n in (6, 5)]
average = [p.detach().clone() for p in model.parameters()]
for epoch in range(4):
    for phase in ("train", "val"):
        total = torch.zeros(())
        for x, y in batches if phase == "train" else held:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
                if phase == "train":
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    optimizer.step()
            total += loss.detach()
        print(epoch, phase, repr(total.item()))
    with torch.no_grad():
        for mean, p in zip(average, model.parameters(), strict=True):
            mean.lerp_(p, 0.1)
        sampled = F.cross_entropy(F.dropout(model(held[0][0])), held[0][1])  # draws numbers
    out, loss = outputs(model, *held[0])
    print(repr(evaluate(model, held)), repr(sampled.item()), out.is_inference(), repr(loss.item()))
    try:
        evaluate(model, [(held[0][0], held[1][1])])
    except ValueError as error:
        print(error)
    model.train()
    print(repr(torch.jit.script(scaled)(torch.eye(3)).item()))
fingerprint(model, optimizer, average)
