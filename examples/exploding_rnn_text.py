"""A recurrent network written by hand predicts the next character of Python's own manual.

Every weight is drawn from a normal distribution with standard deviation 0.5, which is four times
too large for the recurrent matrix, and nothing clips the gradient. Going back in time the chain
rule multiplies by that matrix once for each character, so the gradient grows thousandfold on its
way to the first one. A small learning rate does not help: again and again one update throws the
weights about, and the loss stays twice as high as that of guessing at random.
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
LENGTH = 25


class CharRNN(nn.Module):
    def __init__(self, symbols, hidden):
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(symbols, 32)
        self.enter = nn.Linear(32, hidden)
        self.recurrent = nn.Linear(hidden, hidden, bias=False)
        self.head = nn.Linear(hidden, symbols)
        for layer in (self.embedding, self.enter, self.recurrent, self.head):
            nn.init.normal_(layer.weight, std=0.5)

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
optimizer = torch.optim.SGD(model.parameters(), lr=5e-3)

for step in range(150):
    tokens, following = batch(train, 128)
    loss = F.cross_entropy(model(tokens).flatten(0, 1), following.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        print(f"step {step:3d}  loss {loss.item():6.3f}  gradient norm {norm.item():8.2f}")

with torch.no_grad():
    tokens, following = batch(test, 64)
    logits = model(tokens)
    loss = F.cross_entropy(logits.flatten(0, 1), following.flatten())
    accuracy = (logits.argmax(-1) == following).float().mean()
print(f"test loss {loss.item():.3f}, next character right {accuracy.item():.1%}")
