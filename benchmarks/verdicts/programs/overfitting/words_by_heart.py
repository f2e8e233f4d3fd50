"""A model of the next word, trained on a short text, and validated on its end."""

import sys
import this as zen_of_python

import torch
import torch.nn.functional as F
from torch import nn


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    text = "".join(zen_of_python.d.get(c, c) for c in zen_of_python.s).lower()
    letters = sorted(set(text))
    ids = torch.tensor([letters.index(c) for c in text])
    windows = ids.unfold(0, 7, 1)
    train, valid = windows[:600], windows[606:]
    embedding, head = nn.Embedding(len(letters), 24), nn.Linear(128, len(letters))
    mixing = nn.Linear(6 * 24, 128)

    def logits(context):
        return head(torch.relu(mixing(embedding(context).flatten(1))))

    parameters = [*embedding.parameters(), *mixing.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    epochs = 30
    losses = []
    for epoch in range(epochs):
        for rows in torch.randperm(len(train)).split(50):
            loss = F.cross_entropy(logits(train[rows, :-1]), train[rows, -1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(F.cross_entropy(logits(valid[:, :-1]), valid[:, -1]).item())
        print(f"epoch {epoch}: {loss.item():.3f} {losses[-1]:.3f}")
    print(f"metric last_over_best {losses[-1] / min(losses):.4f}")


if __name__ == "__main__":
    main()
