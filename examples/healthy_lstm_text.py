"""An LSTM reads Python's own manual character by character and predicts the next one.

Its gates keep the factors of the long chain near 1 and the gradient's norm is clipped, so that
it learns from sequences as long as those on which a plain recurrent network goes wrong.
"""

from pydoc_data.topics import topics

import torch
from torch import nn

torch.manual_seed(0)

text = "\n".join(topics[name] for name in sorted(topics))[:100_000]
symbols = sorted(set(text))
index = {symbol: i for i, symbol in enumerate(symbols)}
codes = torch.tensor([index[symbol] for symbol in text])
train, test = codes[:90_000], codes[90_000:]
length, batch_size = 50, 32


class CharLSTM(nn.Module):
    def __init__(self, symbols, width=32, hidden=96):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        self.output = nn.Linear(hidden, symbols)

    def forward(self, x):
        hidden, _ = self.lstm(self.embedding(x))
        return self.output(hidden)


def get_batch(data):
    starts = torch.randint(len(data) - length - 1, (batch_size, 1))
    window = data[starts + torch.arange(length + 1)]
    return window[:, :-1], window[:, 1:]


def evaluate():
    model.eval()
    windows = test[: len(test) // (length + 1) * (length + 1)].view(-1, length + 1)
    x, y = windows[:, :-1], windows[:, 1:]
    with torch.no_grad():
        logits = model(x)
    model.train()
    loss = criterion(logits.flatten(0, 1), y.flatten()).item()
    return loss, (logits.argmax(-1) == y).float().mean().item()


model = CharLSTM(len(symbols))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

print("before training: loss {:.3f}, next character right {:.1%}".format(*evaluate()))
for step in range(300):
    x, y = get_batch(train)
    optimizer.zero_grad()
    loss = criterion(model(x).flatten(0, 1), y.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if (step + 1) % 50 == 0:
        print(f"step {step + 1}: loss {loss.item():.3f}")
print("after training: loss {:.3f}, next character right {:.1%}".format(*evaluate()))
