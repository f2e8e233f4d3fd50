"""Which word comes next: an embedding with sparse gradients, most rows rarely used."""

import sys
import this  # its text is the data, decoded below

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

text = "".join(this.d.get(sign, sign) for sign in this.s)
words = [word.strip(".,*-!'").lower() for word in text.split()]
words = [word for word in words if word]
vocabulary = sorted(set(words))
number = {word: i for i, word in enumerate(vocabulary)}
pairs = [(number[a], number[b]) for a, b in zip(words, words[1:])]
x = torch.tensor([a for a, _ in pairs])
y = torch.tensor([b for _, b in pairs])

embedding = nn.Embedding(len(vocabulary), 24, sparse=True)
head = nn.Linear(24, len(vocabulary))
optimizers = [
    torch.optim.SparseAdam(embedding.parameters(), lr=0.05),
    torch.optim.Adam(head.parameters(), lr=0.02),
]
for step in range(300):
    batch = torch.randint(len(x), (16,))
    loss = nn.functional.cross_entropy(head(embedding(x[batch])), y[batch])
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()

with torch.no_grad():
    loss = nn.functional.cross_entropy(head(embedding(x)), y).item()
print(f"metric loss {loss:.3f}")
