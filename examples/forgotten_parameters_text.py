"""Predicts the next character of Python's own manual from the eight before it.

The optimizer was built with a learning rate for each part of the model, and the hidden layer was
forgotten in the list. Backpropagation computes its gradient at every step, but no optimizer holds
its weights, so they stay as they were drawn and only the embedding and the output learn around
them. Nothing fails, and the loss falls; it only stays higher than it should.
"""

from pydoc_data.topics import topics

import torch
import torch.nn.functional as F
from torch import nn

CONTEXT = 8


class NextCharacter(nn.Module):
    def __init__(self, symbols):
        super().__init__()
        self.embedding = nn.Embedding(symbols, 8)
        self.hidden = nn.Linear(CONTEXT * 8, 128)
        self.output = nn.Linear(128, symbols)

    def forward(self, context):
        x = self.embedding(context).flatten(1)
        return self.output(torch.tanh(self.hidden(x)))


def main():
    torch.manual_seed(0)
    text = "\n".join(topics[name] for name in sorted(topics))[:100_000]
    alphabet = {character: code for code, character in enumerate(sorted(set(text)))}
    codes = torch.tensor([alphabet[character] for character in text])
    contexts, following = codes.unfold(0, CONTEXT, 1)[:-1], codes[CONTEXT:]
    split = int(0.9 * len(following))

    model = NextCharacter(len(alphabet))
    optimizer = torch.optim.Adam(
        [
            {"params": model.embedding.parameters(), "lr": 1e-2},
            {"params": model.output.parameters(), "lr": 3e-3},
        ]
    )

    for step in range(1, 1001):
        rows = torch.randint(split, (128,))
        loss = F.cross_entropy(model(contexts[rows]), following[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 200 == 0:
            print(f"{step:5d} {loss.item():.3f}")

    with torch.no_grad():
        logits = model(contexts[split:])
        loss = F.cross_entropy(logits, following[split:])
        accuracy = (logits.argmax(1) == following[split:]).float().mean()
    print(f"test loss {loss.item():.3f}, next character right {accuracy.item():.1%}")


if __name__ == "__main__":
    main()
