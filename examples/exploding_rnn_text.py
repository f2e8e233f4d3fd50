"""A recurrent network written by hand predicts the next character of Python's own manual.

Its recurrent weights are drawn twice too large, the sequences are long, and nothing clips the
gradient. Going back in time the chain rule multiplies by the same matrix at every character, so
the gradient grows from step to step of the chain by orders of magnitude; each update throws the
weights about, and the loss jumps instead of falling.
"""

from pydoc_data.topics import topics

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

text = "\n".join(topics[name] for name in sorted(topics))[:60_000]
alphabet = sorted(set(text))
codes = torch.tensor([alphabet.index(character) for character in text])
train, test = codes[:50_000], codes[50_000:]
LENGTH = 60


class CharRNN(nn.Module):
    def __init__(self, symbols, hidden):
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(symbols, 32)
        self.enter = nn.Linear(32, hidden)
        self.recurrent = nn.Linear(hidden, hidden, bias=False)
        self.head = nn.Linear(hidden, symbols)
        nn.init.normal_(self.recurrent.weight, std=STD)

    def forward(self, tokens):
        state = torch.zeros(len(tokens), self.hidden)
        inputs = self.enter(self.embedding(tokens))
        states = []
        for t in range(tokens.shape[1]):
            state = torch.tanh(inputs[:, t] + self.recurrent(state))
            states.append(state)
        return self.head(torch.stack(states, dim=1))


def batch(data, size):
    starts = torch.randint(0, len(data) - LENGTH - 1, (size,))
    rows = torch.stack([data[s : s + LENGTH + 1] for s in starts])
    return rows[:, :-1], rows[:, 1:]


model = CharRNN(len(alphabet), 64)
optimizer = torch.optim.SGD(model.parameters(), lr=LR)

for step in range(200):
    tokens, following = batch(train, 32)
    loss = F.cross_entropy(model(tokens).flatten(0, 1), following.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        norm = sum(p.grad.norm() ** 2 for p in model.parameters()).sqrt()
        print(f"step {step:3d}  loss {loss.item():8.3f}  gradient norm {norm.item():.3g}")

with torch.no_grad():
    tokens, following = batch(test, 64)
    logits = model(tokens)
    loss = F.cross_entropy(logits.flatten(0, 1), following.flatten())
    accuracy = (logits.argmax(-1) == following).float().mean()
print(f"test loss {loss.item():.3f}, next character right {accuracy.item():.1%}")
